import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Clock } from './clock.js'
import type { Endpoint } from './endpoints.js'
import { consolePage } from './pages/console.js'
import { defaultPeople, type Person } from './people.js'
import { AUTHORIZE_PATH, routesOf } from './routes/table.js'
import { readSettings, type SimulatorOptions, type SimulatorSettings } from './settings.js'
import type { EndedBy } from './state/sessions.js'
import { type Call, Calls } from './transport/calls.js'
import { deliver } from './transport/deliver.js'
import { exchange } from './transport/exchange.js'
import { type Fault, Faults } from './transport/faults.js'
import { listen } from './transport/server.js'
import { freshState, type Identity, type World } from './world.js'

/** A login that the simulator knows. Whole tokens: for tests, not for showing. */
export interface SimulatedSession {
  personID: string
  /** The one that the last refresh answered. */
  sessionToken: string
  refreshes: number
  endedBy?: EndedBy
}

/** OneAccess and Alipay on loopback, running. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`; its own page is there. */
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
  /** The first one logs in at once; find others by their `outcome`. May be changed at any time. */
  people: Person[]
  /** Milliseconds. What was issued expires by it, and id_tokens are dated by it. */
  clock: { now(): number; advance(ms: number): void }
  /** The last 1000 calls, oldest first, secrets shortened. */
  calls: Call[]
  /** Calls received since the start or the last reset, also those that are not answered yet. */
  count(endpoint: Endpoint): number
  /** Resolves when the next call arrives, before it is processed: a test's way to wait without sleeping. */
  nextCall(endpoint: Endpoint): Promise<Call>
  /** Queues a fault for the next call, or calls, of an endpoint. */
  fault(endpoint: Endpoint, fault: Fault): void
  clearFaults(): void
  /** An auth_code as a native app gets it from Alipay's SDK (contract 1.2). */
  issueCode(personID: string): string
  /** The last code sent to a mobile number or an email (contract 3). */
  lastCode(mobileOrEmail: string): string | undefined
  /** Where the piece of a slider puzzle belongs, in pixels. */
  captchaAnswer(token: string): number | undefined
  /** Oldest first, ended ones too. */
  sessions(personID?: string): SimulatedSession[]
  /** What an administrator does: session tokens are dead at once. */
  endSessions(personID?: string): void
  /** Every access_token issued so far is spent. */
  expireCredential(): void
  /** Logins answer ACCESS_DENIED from now on, and sessions end. */
  disable(personID: string): void
  /** State, calls, counts, faults and clock as at the start; settings and people stay. */
  reset(): void
  /** Ends at once, hanging connections included. */
  close(): Promise<void>
}

/** Starts a simulated OneAccess tenant and Alipay. It is no identity provider: anybody can be anybody. */
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
  const world: World = {
    identity,
    settings,
    clock,
    people,
    state: freshState(clock, settings, people),
  }
  const calls = new Calls(clock)
  const faults = new Faults()
  const routes = routesOf(world)
  const listening = await listen(
    (message, response) =>
      message.url === '/' && message.method === 'GET'
        ? showConsole(calls, response)
        : exchange({ calls, faults, routes }, message, response),
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      allowRemote: options.allowRemote ?? false,
    },
  )
  identity.url = listening.url
  return handleOf(world, calls, faults, listening.close)
}

function handleOf(
  world: World,
  calls: Calls,
  faults: Faults,
  close: () => Promise<void>,
): Simulator {
  const { url, clientID, clientSecret, alipayAppID } = world.identity
  return {
    url,
    domain: url,
    authorizationURL: url + AUTHORIZE_PATH,
    ...{ clientID, clientSecret, alipayAppID },
    ...{ settings: world.settings, people: world.people, clock: world.clock, calls: calls.list },
    count: (endpoint) => calls.count(endpoint),
    nextCall: (endpoint) => nextCall(calls, endpoint),
    fault: (endpoint, fault) => faults.add(endpoint, fault),
    clearFaults: () => faults.clear(),
    issueCode: (personID) => world.state.codes.issue({ personID: known(world, personID) }),
    lastCode: (mobileOrEmail) => world.state.codesSent.last(mobileOrEmail)?.code,
    captchaAnswer: (token) => puzzleAnswer(world, token),
    sessions: (personID) => sessionsOf(world, personID),
    endSessions: (personID) => world.state.sessions.end('administrator', personID),
    expireCredential: () => world.state.credentials.spendAll(),
    disable(personID) {
      world.state.disabled.add(known(world, personID))
      world.state.sessions.end('disabled', personID)
    },
    reset() {
      world.clock.reset()
      world.state = freshState(world.clock, world.settings, world.people)
      calls.reset()
      faults.clear()
    },
    close,
  }
}

function known(world: World, personID: string): string {
  if (world.people.some((one) => one.id === personID)) return personID
  throw new TypeError(`nobody among the people has the id ${personID}`)
}

function puzzleAnswer({ state }: World, token: string): number | undefined {
  const found = state.puzzles.look(token)
  return 'value' in found ? found.value.x : undefined
}

function sessionsOf({ state }: World, personID: string | undefined): SimulatedSession[] {
  return state.sessions.list(personID).map((session) => {
    const endedBy = state.sessions.endOf(session)
    return {
      personID: session.person.id,
      sessionToken: session.current,
      refreshes: session.refreshes,
      ...(endedBy ? { endedBy } : {}),
    }
  })
}

function nextCall(calls: Calls, endpoint: Endpoint): Promise<Call> {
  return new Promise((resolve) => {
    const stop = calls.watch((call) => {
      if (call.endpoint !== endpoint || call.status !== 0) return
      stop()
      resolve(call)
    })
  })
}

async function showConsole(calls: Calls, response: ServerResponse): Promise<void> {
  await deliver(response, consolePage(calls.list), {})
}
