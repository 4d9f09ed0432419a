import { type FailureInfo, MemoryTokenStore } from '../../../lib/index.js'
import type { Page } from '../../support/browser.js'
import { ANSWERS, challenge, ID_TOKEN, SUCCESS } from './answers.js'
import {
  DEAD_END,
  loggedOut,
  refusedAs,
  type Stage,
  type Subject,
  TENANT_CALL,
  WAITING,
} from './outcomes.js'
import { Refusal, type Tenant } from './tenant.js'

const logIn = ({ shop, browser }: Stage) => browser.postJson(`${shop.url}/app`, { code: 'c' })

const token = ({ shop, browser }: Stage) => browser.get(`${shop.url}/token`)

/** Logs in until the challenge. */
const challenged = (status: string) => async (stage: Stage) => {
  stage.tenant.answers.login = challenge(status)
  await logIn(stage)
}

/** Logs in until the challenge in an app without sessions, then posts a form with its handle. */
const byHandle =
  (path: string, form: object) =>
  async (stage: Stage): Promise<Page> => {
    const { shop, browser } = stage
    stage.tenant.answers.login = challenge('SOCIAL_BIND')
    const { info } = (await logIn(stage)).json() as { info: FailureInfo }
    const { handle } = info.challenge ?? {}
    return browser.postJson(shop.url + path, { handle, ...form })
  }

const fromIDToken = ({ url }: Tenant) => ({
  idToken: { jwksUri: `${url}/api/v1/oauth2/keys` },
  userFrom: 'id-token' as const,
})
const withIDToken = async ({ tenant }: Stage) => {
  tenant.answers.login = { ...SUCCESS, id_token: ID_TOKEN }
}
const ownStore = () => ({ tokenStore: new MemoryTokenStore() })

const finish = ({ shop, browser }: Stage) =>
  browser.post(`${shop.url}/challenge`, { mobile: '15200000001', verify_code: '123456' })

const sendCode =
  (contact: object) =>
  ({ shop, browser }: Stage) =>
    browser.postJson(`${shop.url}/challenge/send`, { captchaToken: 'ct', ...contact })

const SPENT = { error: 'invalid_token' }
const MOBILE = { mobile: '15200000001' }
const WRONG_CODE = refusedAs('fail 401 verify_code_wrong')
const UNREAD = { wrong_type: 'success', empty: 'success' }

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
    // the cached access token has expired, so that only this endpoint is called
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
      // a login without an id_token does not need the keys; fetching the first id_token does
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
    name: "login (userFrom: 'id-token')",
    endpoint: 'login',
    strategy: fromIDToken,
    prepare: withIDToken,
    wrongTypes: LOGIN_MEMBERS,
    act: logIn,
    readings: refusedAs('fail 401 code_refused'),
  },
  {
    name: "keys (userFrom: 'id-token')",
    endpoint: 'keys',
    strategy: fromIDToken,
    prepare: withIDToken,
    wrongTypes: ['error 502 id_token_invalid', DEAD_END],
    act: logIn,
    readings: refusedAs('error 500 misconfigured'),
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
  ...(['public-key', 'server-date'] as const).map(
    (endpoint): Subject => ({
      name: endpoint.replace('-', ' '),
      endpoint,
      strategy: signedRefresh,
      prepare: logIn,
      wrongTypes: ['error 503 unexpected_answer'],
      act: token,
      readings: WAITING,
      lives: true,
    }),
  ),
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
    act: sendCode(MOBILE),
    readings: { ...refusedAs('error 400 code_not_sent'), ...UNREAD },
  },
  {
    name: 'mobile',
    endpoint: 'mobile',
    prepare: challenged('MFA_AUTH'),
    wrongTypes: MEMBERS,
    act: sendCode({}),
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
    name: 'code (handle)',
    endpoint: 'send-code',
    sessionless: true,
    strategy: ownStore,
    previous: 'login',
    wrongTypes: [],
    act: byHandle('/challenge/send', { captchaToken: 'ct', ...MOBILE }),
    readings: { ...refusedAs('error 400 code_not_sent'), ...UNREAD },
  },
  {
    name: 'bind (handle)',
    endpoint: 'bind',
    sessionless: true,
    strategy: ownStore,
    previous: 'login',
    wrongTypes: LOGIN_MEMBERS,
    act: byHandle('/challenge', { ...MOBILE, verify_code: '123456' }),
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
