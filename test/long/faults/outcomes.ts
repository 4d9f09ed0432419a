import type { StrategyOptions } from '../../../lib/index.js'
import type { Browser, Page } from '../../support/browser.js'
import type { Shop } from '../../support/shop.js'
import type { Endpoint } from './answers.js'
import type { Reading } from './faults.js'
import type { Tenant } from './tenant.js'

/** One endpoint in the place where an app calls it; the columns of the table. */
export interface Subject {
  name: string
  endpoint: Endpoint
  /** What the app is set to. */
  strategy?(tenant: Tenant): Partial<StrategyOptions>
  /** The app keeps no session. */
  sessionless?: true
  /** All that comes before the request in which the endpoint is called; everything works. */
  prepare?(stage: Stage): Promise<unknown>
  /** The call that is answered just before, in the same request. */
  previous?: Endpoint
  act(stage: Stage): Promise<Page>
  /** What each reading comes to, where that is not what `USUAL` says. */
  readings: Partial<Record<Reading, string>>
  /** How often the endpoint may be called, where that is not once. */
  calls?: Partial<Record<Reading, number>>
  /** What answers come to in which one member is of another type. */
  wrongTypes: string[]
  /** The login outlives it: the next renewal succeeds. */
  lives?: true
}

export interface Stage {
  tenant: Tenant
  shop: Shop
  browser: Browser
}

export const DEAD_END = 'error 502 unexpected_answer'

/** What a fault comes to, unless the endpoint says otherwise. */
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

/** Only OneAccess's own refusal is one: a firewall's page is no verdict. */
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

/** Who waits for a renewal is told 503 and to come again, whatever OneAccess said. */
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
