import type { StrategyOptions } from '../../../lib/index.js'
import type { Browser, Page } from '../../support/browser.js'
import type { Shop } from '../../support/shop.js'
import type { Endpoint } from './answers.js'
import type { Reading } from './faults.js'
import type { Tenant } from './tenant.js'

/** An endpoint, in one of the places where an app calls it: a column of the table. */
export interface Subject {
  name: string
  endpoint: Endpoint
  /** Options of the strategy. */
  strategy?(tenant: Tenant): Partial<StrategyOptions>
  /** The app has no sessions. */
  sessionless?: true
  /** Everything before the request that calls the endpoint, without a fault. */
  prepare?(stage: Stage): Promise<unknown>
  /** The call before it in the same request. */
  previous?: Endpoint
  act(stage: Stage): Promise<Page>
  /** The outcome of each reading, if different from `USUAL`. */
  readings: Partial<Record<Reading, string>>
  /** How often the endpoint is called, if not once. */
  calls?: Partial<Record<Reading, number>>
  /** The outcomes of responses in which one member is missing or has another type. */
  wrongTypes: string[]
  /** The user stays logged in, and the next refresh succeeds. */
  lives?: true
}

export interface Stage {
  tenant: Tenant
  shop: Shop
  browser: Browser
}

export const DEAD_END = 'error 502 unexpected_answer'

/** The outcome of a fault, unless the subject has another. */
export const USUAL: Record<
  Exclude<Reading, 'refusal' | 'unauthorized' | 'forbidden' | 'blocked'>,
  string
> = {
  fine: 'success',
  unreachable: 'error 503 unreachable',
  tls_untrusted: 'error 503 tls_untrusted',
  timeout: 'error 504 timeout',
  connection_lost: 'error 503 connection_lost',
  unexpected_answer: DEAD_END,
  wrong_type: DEAD_END,
  empty: DEAD_END,
  upstream_failed: 'error 503 upstream_failed',
  rate_limited: 'error 503 rate_limited',
  busy: 'error 503 busy',
  misconfigured: 'error 500 misconfigured',
}

/** The outcome of a refusal. A firewall's page does not count as one. */
export const refusedAs = (outcome: string) => ({
  refusal: outcome,
  unauthorized: outcome,
  forbidden: outcome,
  blocked: DEAD_END,
})

export const TENANT_CALL = {
  refusal: 'error 502 refused',
  unauthorized: 'error 503 credential_spent',
  forbidden: 'error 500 misconfigured',
  blocked: DEAD_END,
}

/** A request that waits for a refresh gets 503, whatever OneAccess responds. */
export const WAITING: Partial<Record<Reading, string>> = {
  ...Object.fromEntries(
    Object.entries(USUAL)
      .filter(([reading]) => reading !== 'fine')
      .map(([reading, outcome]) => [reading, outcome.replace(/ \d+ /, ' 503 ')]),
  ),
  ...refusedAs('error 503 refused'),
  blocked: 'error 503 unexpected_answer',
}

export const loggedOut: Partial<Record<Reading, string>> = {
  ...Object.fromEntries(
    Object.entries(USUAL).map(([reading, outcome]) => [
      reading,
      `logged out${outcome === 'success' ? '' : outcome.replace(/^error \d+/, ', told')}`,
    ]),
  ),
  ...refusedAs('logged out, told refused'),
  blocked: 'logged out, told unexpected_answer',
}
