import { inspect } from 'node:util'
import fc from 'fast-check'
import { OneAccessClient, OneAccessError, type RefreshWith } from '../../../lib/index.js'
import { readContact } from '../../../lib/login/contact.js'
import { osVersionOf, sanitizeDevice } from '../../../lib/oneaccess/device.js'
import { readIDToken } from '../../../lib/oneaccess/id-token.js'
import { decodeRecord } from '../../../lib/tokens/record-format.js'
import { parseJson } from '../../../lib/util/json.js'
import { ID_TOKEN, SUCCESS } from '../faults/answers.js'
import { anyRequest } from './requests.js'
import { CANARY, ERROR_CODES, FuzzStage, type Outcome } from './stage.js'
import { adapterFor, anyScript, type Script, textAnswer } from './upstream.js'

/** A property, and its share of all cases. */
export interface Property {
  name: string
  share: number
  property: () => fc.IAsyncProperty<unknown>
}

const STATUSES = new Set([400, 401, 403, undefined])
const ERROR_STATUSES = new Set([400, 401, 500, 502, 503, 504])

function fault(outcome: Outcome): string | undefined {
  if (inspect(outcome, { depth: Infinity, showHidden: true }).includes(CANARY)) return 'a secret'
  switch (outcome.verb) {
    case 'success':
      return undefined
    case 'ended':
      return endFault(outcome)
    case 'fail':
      if (!/^[a-z_]+$/.test(outcome.info.code ?? '')) return 'a fail without a code'
      if (!outcome.info.message) return 'a fail without a message'
      return STATUSES.has(outcome.status as number) ? undefined : 'an undocumented status'
    case 'error':
      return errorFault(outcome.error)
  }
}

const TO_ALIPAY = [
  'https://openauth.alipay.com/oauth2/',
  `alipays://platformapi/startapp?appId=20000067&url=${encodeURIComponent('https://shop.example/')}`,
]

function endFault({ status, headers }: Outcome & { verb: 'ended' }): string | undefined {
  if (headers['cache-control'] !== 'no-store') return 'a response that may be cached'
  if (status === 503 && headers.location === undefined) return undefined // a prefetch
  const toAlipay = TO_ALIPAY.some((one) => String(headers.location).startsWith(one))
  return status === 302 && toAlipay ? undefined : 'an unexpected response'
}

function errorFault(error: unknown): string | undefined {
  if (error instanceof Error && error.message === 'the app failed') return undefined
  if (!(error instanceof OneAccessError)) return `not a OneAccessError: ${inspect(error)}`
  if (!ERROR_CODES.has(error.code)) return `an undocumented code ${error.code}`
  return ERROR_STATUSES.has(error.status) ? undefined : `an undocumented status ${error.status}`
}

const BUILT_IN = [Object.prototype, Array.prototype, Function.prototype, String.prototype]
const KEYS = BUILT_IN.map((one) => Reflect.ownKeys(one).length)

function expectPrototypesUnchanged(): void {
  BUILT_IN.forEach((one, index) => {
    if (Reflect.ownKeys(one).length !== KEYS[index]) throw new Error('a prototype was changed')
  })
}

const WITH_ID_TOKEN = { login: textAnswer({ ...SUCCESS, id_token: ID_TOKEN }) }
const STAGES = [
  ...(['fail', 'wallet', 'page'] as const).map((phones) => new FuzzStage({ phones })),
  new FuzzStage({ idToken: true, userFrom: 'id-token' }, WITH_ID_TOKEN),
]

const authenticates = () =>
  fc.asyncProperty(
    fc.constantFrom(...STAGES),
    anyRequest,
    anyScript,
    async (stage, request, script) => {
      const began = performance.now()
      const outcomes = await stage.send(request, script)
      if (outcomes.length !== 1) throw new Error(`settled ${outcomes.length} times`)
      if (performance.now() - began > 5_000) throw new Error('took too long')
      for (const outcome of outcomes) {
        const what = fault(outcome)
        if (what) throw new Error(`${what}: ${inspect(outcome, { depth: 4 })}`)
      }
      expectPrototypesUnchanged()
    },
  )

const DEVICE = { osVersion: 'o', fingerprint: 'f', ip: 'i', agent: 'a' }
let script: Script = {}

const createClient = (refreshWith: RefreshWith) =>
  new OneAccessClient({
    origin: 'https://tenant.example',
    clientID: 'client',
    credential: { clientID: 'client', clientSecret: CANARY, auth: 'body' },
    refreshWith,
    http: { adapter: adapterFor(() => script) },
  })
const CLIENTS = [
  createClient('id-token'),
  createClient('session-token'),
  createClient('signed-id-token'),
] as const
const CONTEXT = { device: DEVICE }
const CALLS: ((client: OneAccessClient) => Promise<unknown>)[] = [
  (client) => client.prepare(),
  (client) => client.loginWithAlipay(CANARY, CONTEXT),
  (client) => client.ssoTicket(CANARY, CONTEXT),
  (client) => client.verifyTicket(CANARY, CONTEXT),
  (client) => client.refresh(CANARY, CONTEXT),
  (client) => client.captcha(CONTEXT),
  (client) => client.verifyCaptcha({ token: CANARY, x: 1, y: 1, sender: CANARY }, CONTEXT),
  (client) => client.mobileByToken(CANARY, CONTEXT),
  (client) => client.logout(CANARY, CONTEXT),
]

/** The strategy turns this error into a `fail`; a client rejects with it. */
function isRefusedCode(error: unknown): boolean {
  return error instanceof OneAccessError && error.code === 'code_refused' && error.status === 401
}

const calls = () =>
  fc.asyncProperty(
    fc.constantFrom(...CALLS),
    fc.constantFrom(...CLIENTS),
    anyScript,
    async (call, client, answers) => {
      script = answers
      const error: unknown = await call(client).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error === undefined) return
      const what = fault({ verb: 'error', error })
      if (what && !(isRefusedCode(error) && what.includes('code_refused'))) {
        throw new Error(`${what}: ${inspect(error)}`)
      }
      expectPrototypesUnchanged()
    },
  )

const UNSAFE = /__proto__|constructor|prototype|\\u/

const readers = () =>
  fc.asyncProperty(
    fc.anything(),
    fc.string({ unit: 'binary' }),
    fc.json(),
    async (any, text, json) => {
      const device = sanitizeDevice({
        agent: text,
        ip: any as string,
        osVersion: osVersionOf(text),
      })
      for (const value of Object.values(device)) {
        if (!/^[\x20-\x7e\xa1-\xff]{1,512}$/.test(value))
          throw new Error(`not a valid header value: ${value}`)
      }
      readIDToken(`a.${Buffer.from(json).toString('base64url')}.c`)
      readIDToken(text)
      decodeRecord(text)
      decodeRecord(json)
      readContact({ mobile: any, email: text })
      if (
        !UNSAFE.test(json) &&
        JSON.stringify(parseJson(json)) !== JSON.stringify(JSON.parse(json))
      ) {
        throw new Error('parseJson returns something else than JSON.parse')
      }
      expectPrototypesUnchanged()
    },
  )

export const PROPERTIES: Property[] = [
  {
    name: 'authenticate() has exactly one, documented outcome',
    share: 0.5,
    property: authenticates,
  },
  {
    name: 'OneAccessClient resolves or rejects with a OneAccessError',
    share: 0.3,
    property: calls,
  },
  { name: 'parsers of untrusted values never throw', share: 0.2, property: readers },
]
