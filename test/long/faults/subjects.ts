import type { StrategyOptions } from '../../../lib/index.js'
import type { Browser, Page } from '../../support/browser.js'
import type { Shop } from '../../support/shop.js'
import { ANSWERS, challenge, type Endpoint } from './answers.js'
import type { Reading } from './faults.js'
import { Refusal, type Tenant } from './tenant.js'

/** One endpoint in the place where an app calls it; the columns of the table. */
export interface Subject {
  name: string
  endpoint: Endpoint
  /** What the app is set to. */
  strategy?(tenant: Tenant): Partial<StrategyOptions>
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

const DEAD_END = 'error 502 unexpected_answer'

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
const refusedAs = (outcome: string) => ({
  refusal: outcome,
  unauthorized: outcome,
  forbidden: outcome,
  blocked: DEAD_END,
})

const logIn = ({ shop, browser }: Stage) => browser.postJson(`${shop.url}/app`, { code: 'c' })

const TENANT_CALL = {
  refusal: 'error 502 refused',
  unauthorized: 'error 503 credential_spent',
  forbidden: 'error 500 misconfigured',
  blocked: DEAD_END,
}

/** Who waits for a renewal is told 503 and to come again, whatever OneAccess said. */
const WAITING: Partial<Record<Reading, string>> = {
  ...Object.fromEntries(
    Object.entries(USUAL)
      .filter(([reading]) => reading !== 'fine')
      .map(([reading, outcome]) => [reading, outcome.replace(/ \d+ /, ' 503 ')]),
  ),
  ...refusedAs('error 503 refused'),
  blocked: 'error 503 unexpected_answer',
}

const token = ({ shop, browser }: Stage) => browser.get(`${shop.url}/token`)

/** A login that ends in a challenge, and is then finished as any. */
const challenged = (status: string) => async (stage: Stage) => {
  stage.tenant.answers.login = challenge(status)
  await logIn(stage)
}

const finish = ({ shop, browser }: Stage) =>
  browser.post(`${shop.url}/challenge`, { mobile: '15200000001', verify_code: '123456' })

const ordered =
  (order: object) =>
  ({ shop, browser }: Stage) =>
    browser.postJson(`${shop.url}/challenge/send`, { captchaToken: 'ct', ...order })

const SPENT = { error: 'invalid_token' }
const MOBILE = { mobile: '15200000001' }
const WRONG_CODE = refusedAs('fail 401 verify_code_wrong')
const UNREAD = { wrong_type: 'success', empty: 'success' }

const loggedOut: Partial<Record<Reading, string>> = {
  ...Object.fromEntries(
    Object.entries(USUAL).map(([reading, outcome]) => [
      reading,
      `logged out${outcome === 'success' ? '' : outcome.replace(/^error \d+/, ', told')}`,
    ]),
  ),
  ...refusedAs('logged out, told refused'),
  blocked: 'logged out, told unexpected_answer',
}

const MEMBERS = [DEAD_END, 'success']
const LOGIN_MEMBERS = [DEAD_END, 'fail 401 login_incomplete', 'success']
const REFRESH_MEMBERS = ['error 503 unexpected_answer', 'success']

const logOut = ({ shop, browser }: Stage) => browser.post(`${shop.url}/logout`)
const signedRefresh = () => ({ refreshWith: 'signed-id-token' as const })
const upstreamLogout = () => ({ upstreamLogout: true })

export const SUBJECTS: Subject[] = [
  {
    name: 'credential',
    endpoint: 'credential',
    // the cached one is spent, so that the endpoint is called alone
    prepare: async (stage) => {
      await logIn(stage)
      stage.tenant.answers.ticket = new Refusal(400, SPENT, ANSWERS.ticket)
    },
    previous: 'ticket',
    wrongTypes: [DEAD_END, 'success'],
    act: logIn,
    readings: refusedAs('error 500 credential_refused'),
  },
  {
    name: 'login',
    endpoint: 'login',
    prepare: logIn,
    wrongTypes: LOGIN_MEMBERS,
    act: logIn,
    readings: refusedAs('fail 401 code_refused'),
  },
  {
    name: 'ticket',
    endpoint: 'ticket',
    prepare: logIn,
    previous: 'login',
    wrongTypes: MEMBERS,
    act: logIn,
    readings: TENANT_CALL,
    calls: { unauthorized: 2 },
  },
  {
    name: 'verify',
    endpoint: 'verify',
    prepare: logIn,
    previous: 'ticket',
    wrongTypes: ['error 502 refused', 'error 502 unexpected_answer', 'success'],
    act: logIn,
    readings: TENANT_CALL,
    calls: { unauthorized: 2 },
  },
  {
    name: 'keys',
    endpoint: 'keys',
    strategy: ({ url }) => ({ idToken: { jwksUri: `${url}/api/v1/oauth2/keys` } }),
    prepare: async (stage) => {
      // a login without an id_token does not mind; the first one is asked for with the keys
      const { keys } = stage.tenant.answers
      stage.tenant.answers.keys = new Refusal(503, {})
      await logIn(stage)
      stage.tenant.answers.keys = keys
    },
    wrongTypes: ['error 503 id_token_invalid', 'error 503 unexpected_answer'],
    act: token,
    readings: {
      ...WAITING,
      ...refusedAs('error 503 misconfigured'),
      blocked: 'error 503 unexpected_answer',
    },
    lives: true,
  },
  {
    name: 'refresh (id-token)',
    endpoint: 'refresh-id-token',
    prepare: logIn,
    wrongTypes: REFRESH_MEMBERS,
    act: token,
    readings: WAITING,
    lives: true,
  },
  {
    name: 'refresh (session-token)',
    endpoint: 'refresh-session-token',
    strategy: () => ({ refreshWith: 'session-token' }),
    prepare: logIn,
    wrongTypes: REFRESH_MEMBERS,
    act: token,
    readings: {
      ...WAITING,
      unauthorized: 'error 503 credential_spent',
      forbidden: 'error 503 misconfigured',
      blocked: 'error 503 unexpected_answer',
    },
    calls: { unauthorized: 2 },
    lives: true,
  },
  {
    name: 'refresh (signed-id-token)',
    endpoint: 'refresh-signed-id-token',
    strategy: signedRefresh,
    prepare: logIn,
    previous: 'server-date',
    wrongTypes: ['error 503 unexpected_answer', 'success'],
    act: token,
    readings: WAITING,
    lives: true,
  },
  {
    name: 'public key',
    endpoint: 'public-key',
    strategy: signedRefresh,
    prepare: logIn,
    wrongTypes: ['error 503 unexpected_answer'],
    act: token,
    readings: WAITING,
    lives: true,
  },
  {
    name: 'server date',
    endpoint: 'server-date',
    strategy: signedRefresh,
    prepare: logIn,
    wrongTypes: ['error 503 unexpected_answer'],
    act: token,
    readings: WAITING,
    lives: true,
  },
  {
    name: 'captcha',
    endpoint: 'captcha',
    prepare: challenged('SOCIAL_BIND'),
    wrongTypes: MEMBERS,
    act: ({ shop, browser }) => browser.get(`${shop.url}/challenge/captcha`),
    readings: refusedAs('error 401 refused'),
  },
  {
    name: 'captcha verify',
    endpoint: 'captcha-verify',
    prepare: challenged('SOCIAL_BIND'),
    wrongTypes: MEMBERS,
    act: ({ shop, browser }) =>
      browser.postJson(`${shop.url}/challenge/solve`, { token: 'p', x: 1, contact: MOBILE.mobile }),
    readings: refusedAs('error 400 puzzle_refused'),
  },
  {
    name: 'code',
    endpoint: 'send-code',
    prepare: challenged('SOCIAL_BIND'),
    wrongTypes: [],
    act: ordered(MOBILE),
    readings: { ...refusedAs('error 400 code_not_sent'), ...UNREAD },
  },
  {
    name: 'mobile',
    endpoint: 'mobile',
    prepare: challenged('MFA_AUTH'),
    wrongTypes: MEMBERS,
    act: ordered({}),
    readings: refusedAs('error 401 refused'),
  },
  {
    name: 'bind',
    endpoint: 'bind',
    prepare: challenged('SOCIAL_BIND'),
    wrongTypes: LOGIN_MEMBERS,
    act: finish,
    readings: WRONG_CODE,
  },
  {
    name: 'register',
    endpoint: 'register',
    prepare: challenged('USER_REGISTER'),
    wrongTypes: LOGIN_MEMBERS,
    act: finish,
    readings: WRONG_CODE,
  },
  {
    name: 'second factor',
    endpoint: 'second-factor',
    prepare: challenged('MFA_AUTH'),
    wrongTypes: LOGIN_MEMBERS,
    act: finish,
    readings: WRONG_CODE,
  },
  {
    name: 'logout',
    endpoint: 'logout',
    strategy: upstreamLogout,
    prepare: logIn,
    previous: 'server-date',
    wrongTypes: [],
    act: logOut,
    readings: { ...loggedOut, wrong_type: 'logged out', empty: 'logged out' },
  },
]
