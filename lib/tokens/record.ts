import type { Device } from '../oneaccess/device.js'
import { claimsOf } from '../oneaccess/id-token.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { SessionResponse } from '../oneaccess/responses.js'
import { randomHex, sha256 } from '../util/digest.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** Why a login is over. */
export type EndReason =
  /** The app logged the person out. */
  | 'logout'
  /** The same browser logged in again. */
  | 'login'
  /** The session's time at OneAccess is over. */
  | 'expired'
  /** OneAccess no longer knows the session token. */
  | 'refused'
  /** OneAccess gave a new session token in an answer that never arrived. */
  | 'rotation_lost'
  /** The store no longer has the record: its time was over. */
  | 'missing'

/** Ends that somebody asked for: nothing takes them back. An answer that comes late takes back all others. */
export function isDeliberate(reason: EndReason): boolean {
  return reason === 'logout' || reason === 'login'
}

/** The tokens of one login, and what is needed to renew them. Times are milliseconds since the epoch. */
export interface TokenRecord {
  sessionToken: string
  sessionExpiresAt?: number
  idToken?: string
  expiresAt?: number
  /** From when on the id_token is renewed ahead of its end. */
  refreshAt?: number
  refreshedAt: number
  /** How many refreshes lie behind it. By that, and no clock, a later record is told from an earlier one. */
  generation?: number
  device: Device
  tenantID?: string
  /** OneAccess's id of the person. */
  userID?: string
  presented?: Presentation
  setback?: Backoff
  ended?: { reason: EndReason; at: number }
}

/** The session token was presented for renewal, and no answer is saved yet. */
export interface Presentation {
  /** Under which lease; `several` once more than one process has. */
  by: string
  /** When OneAccess refused it after that: one of them may hold the token that has replaced it. */
  refusedAt?: number
}

/** Renewals fail for a while. */
export interface Backoff {
  count: number
  /** When it was written, by the clock of whoever wrote it. */
  since?: number
  notBefore: number
  code: string
}

/** A record, and the version against which it is replaced. */
export interface Versioned {
  version: number
  record: TokenRecord
}

/** Where OneAccess does not say how long a session token lives: its documented 7 days. */
const DEFAULT_SESSION_LIFE = 604_800_000
/** Where an id_token does not say when it ends: CIAM's default (docs/wire.md#refresh). */
const DEFAULT_TOKEN_LIFE = 300_000
/** How long an ended record is kept, so that the reason can be told. */
export const TOMBSTONE_LIFE = 7_200_000

/** The record of a session that OneAccess has just given or renewed. */
export function recordOf(
  answer: SessionResponse,
  { device, tenantID }: CallContext,
  refreshBefore: number | undefined,
  userID?: string,
): TokenRecord {
  const now = Date.now()
  const { sessionToken, idToken, expiresIn } = answer
  // no session ends as it is given: 0 says that nothing is said
  const sessionExpiresAt = expiresIn ? now + expiresIn * 1000 : undefined
  const record: TokenRecord = { sessionToken, refreshedAt: now, device }
  if (sessionExpiresAt !== undefined) record.sessionExpiresAt = sessionExpiresAt
  if (idToken !== undefined) {
    record.idToken = idToken
    record.expiresAt = endOf(answer, now)
    record.refreshAt = refreshTimeOf(record.expiresAt, now, sessionExpiresAt, refreshBefore)
  }
  if (tenantID !== undefined) record.tenantID = tenantID
  if (userID !== undefined) record.userID = userID
  return record
}

/** What the calls for this login have in common. */
export function callContextOf({ device, tenantID }: TokenRecord): CallContext {
  return omitUndefined({ device, tenantID })
}

/**
 * When the id_token is renewed: ahead of its end, or of the session's where that comes first. Jitter,
 * so that people who logged in together do not refresh together.
 */
function refreshTimeOf(
  expiresAt: number,
  now: number,
  sessionExpiresAt = Infinity,
  refreshBefore: number | undefined,
): number {
  const end = Math.min(expiresAt, sessionExpiresAt)
  const life = Math.max(end - now, 0)
  const early = Math.min(refreshBefore ?? Math.min(life / 10, 600_000), life / 2)
  return end - early * (0.75 + Math.random() / 2)
}

/** Clocks differ: by ours, a token that has just arrived lives no longer than its whole life. */
function endOf(answer: SessionResponse, now: number): number {
  const { expiresAt = now + DEFAULT_TOKEN_LIFE, issuedAt } = claimsOf(answer) ?? {}
  if (issuedAt === undefined || issuedAt >= expiresAt) return expiresAt
  return Math.min(expiresAt, now + expiresAt - issuedAt)
}

/** Whether it comes from a later refresh. A store that lost its last writes may count its versions anew. */
export function isLaterThan(record: TokenRecord, other: TokenRecord): boolean {
  return (record.generation ?? 0) > (other.generation ?? 0)
}

/** Whether the session's time is over, which OneAccess has told when it gave the session token. */
export function isOver({ ended, sessionExpiresAt = Infinity }: TokenRecord): boolean {
  return ended === undefined && Date.now() >= sessionExpiresAt
}

/** How long the store keeps a record, in milliseconds: a while longer than OneAccess does. */
export function lifeOf(record: TokenRecord): number {
  if (record.ended) return TOMBSTONE_LIFE
  const end = record.sessionExpiresAt ?? record.refreshedAt + DEFAULT_SESSION_LIFE
  return Math.max(end - Date.now(), 0) + TOMBSTONE_LIFE
}

/** Ends a record; nothing that opens a door is kept in it. */
export function tombstone(reason: EndReason): TokenRecord & { ended: object } {
  const at = Date.now()
  const device = { osVersion: '', fingerprint: '', ip: '', agent: '' }
  return { sessionToken: '', refreshedAt: at, device, ended: { reason, at } }
}

/** A name for a new record: random, constant for the login, the only thing that the session holds. */
export function newRecordID(): string {
  return randomHex()
}

/** How a record may be called in an event or a log. */
export function publicNameOf(id: string): string {
  return sha256(id).slice(0, 12)
}
