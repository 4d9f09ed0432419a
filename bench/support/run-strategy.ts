// A strategy run as Passport runs it, without an HTTP server around it, which would cost more than it.
import type { Request } from 'express'

/** What a strategy came to. */
export interface Outcome {
  verb: string
  /** The user, the address, the info or the error. */
  value: unknown
}

interface Authenticates {
  authenticate(req: never, options: object): unknown
}

export function runStrategy(strategy: Authenticates, req: Request, options = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = (verb: string) => (value: unknown) => resolve({ verb, value })
    const verbs = ['success', 'fail', 'redirect', 'error'].map((verb) => [verb, end(verb)])
    const own = Object.assign(Object.create(strategy) as Authenticates, Object.fromEntries(verbs))
    own.authenticate(req as never, options)
  })
}

const HEADERS: Record<string, string> = {
  'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
  'accept-language': 'zh-CN',
  host: 'shop.example.com',
}

let sessions = 0

/** A browser's session, as far as a strategy looks at one. */
export function newSession(): { session: Record<string, unknown>; sessionID: string } {
  const session = { regenerate: () => {}, save: () => {} }
  return { session, sessionID: `session-${++sessions}` }
}

const sessionStore = {}
const res = { set: () => {} }

/** A request with what strategies read of one. */
export function requestOf(
  path: string,
  query: Record<string, string>,
  browser: ReturnType<typeof newSession>,
): Request {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  const url = pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
  return {
    method: 'GET',
    url,
    originalUrl: url,
    query,
    headers: HEADERS,
    get: (name: string) => HEADERS[name],
    ip: '127.0.0.1',
    protocol: 'https',
    host: HEADERS.host,
    connection: { encrypted: true },
    res,
    sessionStore,
    ...browser,
  } as unknown as Request
}

/** The state that a strategy has sent the browser away with. */
export function stateIn(redirect: Outcome): string {
  return /[?&]state=([^&]+)/.exec(String(redirect.value))?.[1] ?? ''
}

/** Fails the run: a contender that does not work is not measured. */
export function must(outcome: Outcome, verb: string): Outcome {
  if (outcome.verb !== verb) {
    throw new Error(`wanted ${verb}, there was ${outcome.verb}`, { cause: outcome.value })
  }
  return outcome
}
