import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { Person } from '../people.js'
import type { SimulatorSettings } from '../settings.js'
import type { Device } from './device.js'

export type EndedBy = 'expired' | 'reuse' | 'administrator' | 'disabled' | 'logout'

/** One login, and every session token that it has had. */
export interface Session {
  person: Person
  device: Device
  current: string
  tokens: Map<string, { expiresAt: number; acceptedUntil: number }>
  startedAt: number
  refreshes: number
  endedBy?: EndedBy
}

const REMEMBERED_TOKENS = 50

/** The session tokens of all logins, and what each rotation setting does to them. */
export class Sessions {
  private readonly byToken = new Map<string, Session>()
  private readonly all = new Set<Session>()
  private readonly clock: Clock
  private readonly settings: SimulatorSettings

  constructor(clock: Clock, settings: SimulatorSettings) {
    this.clock = clock
    this.settings = settings
  }

  open(person: Person, device: Device): Session {
    const startedAt = this.clock.now()
    const session: Session = {
      person,
      device,
      current: '',
      tokens: new Map(),
      startedAt,
      refreshes: 0,
    }
    this.all.add(session)
    this.addToken(session)
    return session
  }

  /** The live session that a token belongs to; a replaced token counts during its grace period. */
  present(token: string): Session | undefined {
    const session = this.byToken.get(token)
    const life = session?.tokens.get(token)
    if (!session || !life || this.endOf(session)) return undefined
    const now = this.clock.now()
    if (now >= life.acceptedUntil) {
      if (this.settings.reuse === 'end') session.endedBy = 'reuse'
      return undefined
    }
    // during the grace period a replaced token stands for the new one, so its own expiry does not matter
    return now < life.expiresAt || life.acceptedUntil < Infinity ? session : undefined
  }

  /**
   * Renews according to the tenant's settings. Returns the session token that the caller must keep.
   */
  refresh(session: Session, presented: string): string {
    if (this.settings.rotation !== 'never') return this.renew(session, presented)
    session.refreshes += 1
    return isReplaced(session, presented) ? session.current : presented
  }

  /** Always renews. With rotation `never` the replaced token stays valid. */
  renew(session: Session, presented: string): string {
    session.refreshes += 1
    if (isReplaced(session, presented)) return session.current
    if (this.settings.omitSessionToken) return presented
    const replaced = session.tokens.get(presented)
    const { rotation, graceSeconds } = this.settings
    const grace = rotation === 'grace' ? graceSeconds * 1000 : 0
    if (replaced && rotation !== 'never') replaced.acceptedUntil = this.clock.now() + grace
    return this.addToken(session)
  }

  /** The remaining lifetime of a session token in whole seconds, as in `expire`. */
  remaining(session: Session, token: string): number {
    const life = session.tokens.get(token)
    return life ? Math.max(0, Math.ceil((life.expiresAt - this.clock.now()) / 1000)) : 0
  }

  /** What ended a session, if it has ended. */
  endOf(session: Session): EndedBy | undefined {
    const life = session.tokens.get(session.current)
    if (!session.endedBy && life && this.clock.now() >= life.expiresAt) session.endedBy = 'expired'
    return session.endedBy
  }

  end(by: EndedBy, personID?: string): void {
    for (const session of this.list(personID)) if (!this.endOf(session)) session.endedBy = by
  }

  /** Oldest first, including those that have ended. */
  list(personID?: string): Session[] {
    return [...this.all].filter((one) => personID === undefined || one.person.id === personID)
  }

  private addToken(session: Session): string {
    const token = `bts${randomBytes(36).toString('base64url')}`
    const expiresAt = this.clock.now() + this.settings.sessionLife * 1000
    session.current = token
    session.tokens.set(token, { expiresAt, acceptedUntil: Infinity })
    this.byToken.set(token, session)
    for (const oldest of session.tokens.keys()) {
      if (session.tokens.size <= REMEMBERED_TOKENS) break
      session.tokens.delete(oldest)
      this.byToken.delete(oldest)
    }
    return token
  }
}

function isReplaced(session: Session, token: string): boolean {
  return (session.tokens.get(token)?.acceptedUntil ?? Infinity) < Infinity
}
