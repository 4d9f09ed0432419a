import { randomBytes } from 'node:crypto'
import { Clock } from './clock.js'
import { Console } from './console/console.js'
import { Control, type SimulatedSession } from './control.js'
import type { Endpoint } from './endpoints.js'
import { defaultPeople, type Person } from './people.js'
import { AUTHORIZE_PATH } from './routes/authorize.js'
import { routesOf } from './routes/table.js'
import { readSettings, type SimulatorOptions, type SimulatorSettings } from './settings.js'
import { prepareKeys } from './state/rsa.js'
import { type Call, Calls } from './transport/calls.js'
import { exchange } from './transport/exchange.js'
import { type Fault, Faults } from './transport/faults.js'
import { listen } from './transport/server.js'
import { freshState, type Identity, type World } from './world.js'

/** OneAccess and Alipay on loopback, running. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`, where the console page is. */
  url: string
  /** The same, for the strategy's option `domain`. */
  domain: string
  /** Alipay's consent page, for the strategy's option of that name. */
  authorizationURL: string
  clientID: string
  clientSecret: string
  alipayAppID: string
  /** May be changed at any time: `simulator.settings.rotation = 'always'`. */
  settings: SimulatorSettings
  /**
   * The first one logs in without a challenge; find others by their `outcome`. May be changed at
   * any time.
   */
  people: Person[]
  /**
   * In milliseconds. Everything issued expires by this clock, and id_tokens and the `Date` of each
   * response carry its time.
   */
  clock: { now(): number; advance(ms: number): void }
  /** The last 1000 calls, oldest first, with secrets shortened. */
  calls: Call[]
  /** The number of calls since the start or the last reset, including those not answered yet. */
  count(endpoint: Endpoint): number
  /**
   * Resolves when the next call arrives, before it is processed, so that a test can wait without
   * sleeping.
   */
  nextCall(endpoint: Endpoint): Promise<Call>
  /** Queues a fault for the next call, or calls, of an endpoint. */
  fault(endpoint: Endpoint, fault: Fault): void
  clearFaults(): void
  /**
   * Does what a browser does at Alipay: takes the URL to which the start route redirects, agrees as
   * this person (default: the first), and returns the callback URL with a code. Throws a
   * `TypeError` for a URL at which Alipay would show an error.
   */
  authorize(url: string, personID?: string): string
  /**
   * Issues an auth_code, as a native app gets it from Alipay's SDK
   * (docs/wire.md#native-apps-and-mini-programs).
   */
  issueCode(personID: string): string
  /** The last code sent to a mobile number or an email (docs/wire.md#first-logins-and-second-factors). */
  lastCode(mobileOrEmail: string): string | undefined
  /** The x at which the piece of a slider puzzle belongs, in pixels. */
  captchaAnswer(token: string): number | undefined
  /** Oldest first, including those that have ended. */
  sessions(personID?: string): SimulatedSession[]
  /** Ends sessions as an administrator would: their session tokens are refused at once. */
  endSessions(personID?: string): void
  /** Expires every access_token issued so far. */
  expireCredential(): void
  /** Disables a user: logins return ACCESS_DENIED from now on, and sessions end. */
  disable(personID: string): void
  /** Resets state, calls, counts, faults and clock. Settings and people stay. */
  reset(): void
  /** Stops the server and closes all connections, even those with a request under way. */
  close(): Promise<void>
}

/**
 * Starts a simulated OneAccess tenant and Alipay. It is not an identity provider: anyone can log in
 * as anyone.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = readSettings(options)
  const clock = new Clock()
  const identity: Identity = {
    clientID: options.clientID ?? 'simulated-client',
    clientSecret: options.clientSecret ?? randomBytes(24).toString('hex'),
    alipayAppID: options.alipayAppID ?? '2021000000000001',
    callbackURLs: options.callbackURLs,
    url: '',
  }
  const people = options.people ?? defaultPeople()
  const state = freshState(clock, settings, people)
  const world: World = { identity, settings, clock, people, state }
  const control = new Control(world, new Calls(clock), new Faults())
  const site = new Console(control)
  const { calls, faults } = control
  const servers = { clock, calls, faults, routes: routesOf(world) }
  const { host = '127.0.0.1', port = 0, allowRemote = false } = options
  await prepareKeys()
  const listening = await listen(
    (message, response) =>
      site.owns(message) ? site.answer(message, response) : exchange(servers, message, response),
    { host, port, allowRemote },
  )
  identity.url = listening.url
  return handleOf(control, listening.close)
}

function handleOf(control: Control, close: () => Promise<void>): Simulator {
  const { settings, people, clock, identity } = control.world
  const { url, clientID, clientSecret, alipayAppID } = identity
  return {
    url,
    domain: url,
    authorizationURL: url + AUTHORIZE_PATH,
    ...{ clientID, clientSecret, alipayAppID, settings, people, clock },
    calls: control.calls.list,
    count: (endpoint) => control.calls.count(endpoint),
    nextCall: (endpoint) => control.nextCall(endpoint),
    fault: (endpoint, fault) => control.faults.add(endpoint, fault),
    clearFaults: () => control.faults.clear(),
    authorize: (at, personID) => control.authorize(at, personID),
    issueCode: (personID) => control.issueCode(personID),
    lastCode: (mobileOrEmail) => control.lastCode(mobileOrEmail),
    captchaAnswer: (token) => control.captchaAnswer(token),
    sessions: (personID) => control.sessions(personID),
    endSessions: (personID) => control.endSessions(personID),
    expireCredential: () => control.expireCredential(),
    disable: (personID) => control.disable(personID),
    reset: () => control.reset(),
    close,
  }
}
