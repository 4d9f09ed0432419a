import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from './clock.js'
import type { Person } from './people.js'
import type { SimulatorSettings } from './settings.js'
import { Accounts } from './state/accounts.js'
import type { Challenge } from './state/challenges.js'
import { CodesSent } from './state/codes-sent.js'
import { type Session, Sessions } from './state/sessions.js'
import { Vouchers } from './state/vouchers.js'

/** The client that the simulated tenant and the simulated Alipay know. */
export interface Identity {
  clientID: string
  clientSecret: string
  alipayAppID: string
  callbackURLs: string[] | undefined
  /** This server's own address: the issuer of id_tokens. */
  url: string
}

/** Everything that the routes read and change. A reset replaces `state`; the rest stays. */
export interface World {
  readonly identity: Identity
  readonly settings: SimulatorSettings
  readonly clock: Clock
  readonly people: Person[]
  state: State
}

interface State {
  /** Alipay's auth codes, each for a person's id. */
  codes: Vouchers<{ personID: string }>
  credentials: Vouchers<{ clientID: string }>
  tickets: Vouchers<{ session: Session }>
  /** State tokens. */
  challenges: Vouchers<Challenge>
  /** Slider puzzles, each with the place where its piece belongs. */
  puzzles: Vouchers<{ x: number }>
  /** Solved puzzles, each with the mobile number or email that a code may be sent to. */
  captchas: Vouchers<{ sender: string }>
  codesSent: CodesSent
  accounts: Accounts
  sessions: Sessions
  /** Nonces of signatures; each is accepted once. */
  nonces: Set<string>
  disabled: Set<string>
}

const MINUTE = 60_000
/**
 * In milliseconds: the shortest lifetime that docs/wire.md#alipays-consent-page allows for a code.
 */
const CODE_LIFE = 3 * MINUTE
/** Seconds, as in OneAccess's own sample. */
export const TICKET_LIFE = 9600
const STATE_TOKEN_LIFE = 10 * MINUTE
const PUZZLE_LIFE = 2 * MINUTE
const CAPTCHA_LIFE = 5 * MINUTE

export function freshState(clock: Clock, settings: SimulatorSettings, people: Person[]): State {
  const hex = () => randomBytes(16).toString('hex')
  return {
    codes: new Vouchers(clock, hex, () => CODE_LIFE),
    credentials: new Vouchers(clock, randomUUID, () => settings.accessTokenLife * 1000),
    tickets: new Vouchers(
      clock,
      () => `ssoTicket-${randomBytes(21).toString('base64url')}`,
      () => TICKET_LIFE * 1000,
    ),
    challenges: new Vouchers(
      clock,
      () => `st${hex()}${hex()}`,
      () => STATE_TOKEN_LIFE,
    ),
    puzzles: new Vouchers(clock, hex, () => PUZZLE_LIFE),
    captchas: new Vouchers(clock, hex, () => CAPTCHA_LIFE),
    codesSent: new CodesSent(clock),
    accounts: new Accounts(people),
    nonces: new Set(),
    sessions: new Sessions(clock, settings),
    disabled: new Set(),
  }
}
