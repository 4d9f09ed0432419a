import type { Device } from '../oneaccess/device.js'
import { claimsOf } from '../oneaccess/id-token.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { SessionResponse } from '../oneaccess/responses.js'
import { randomHex, sha256 } from '../util/digest.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** Why a login ended. */
export type EndReason =
  /** The app logged the user out, or destroyed their session. */
  | 'logout'
  /** The same browser logged in again. */
  | 'login'
  /** The session at OneAccess has expired. */
  | 'expired'
  /** OneAccess no longer knows the session token. */
  | 'refused'
  /** OneAccess issued a new session token in a response that never arrived. */
  | 'rotation_lost'
  /** The store no longer has the record, because it expired. */
  | 'missing'

/** Whether the end was requested, which is final. A late response reverses any other end. */
export function isDeliberate(reason: EndReason): boolean {
  return reason === 'logout' || reason === 'login'
}

/** The tokens of a login, and what is needed to refresh them. Times are milliseconds since the epoch. */
export interface TokenRecord {
  sessionToken: string
  sessionExpiresAt?: number
  idToken?: string
  expiresAt?: number
  /** When the id_token becomes due for a refresh. */
  refreshAt?: number
  refreshedAt: number
  /** The number of refreshes so far. This, rather than a clock, tells which of two records is the later one. */
  generation?: number
  device: Device
  tenantID?: string
  /** OneAccess's id of the user. */
  userID?: string
  presented?: Presentation
  setback?: Backoff
  ended?: { reason: EndReason; at: number }
}

/** A mark: the session token was presented for a refresh, and no response has been saved yet. */
export interface Presentation {
  /** The owner of the lease that it was presented under; `several` if more than one process did. */
  by: string
  /** When OneAccess then refused it: one of those processes may hold the token that replaced it. */
  refusedAt?: number
}

/** The last refreshes failed; when to try again. */
export interface Backoff {
  count: number
  /** When it was written, by the clock of the process that wrote it. */
  since?: number
  notBefore: number
  code: string
}

/** A record, and the version that a compare-and-set must expect. */
export interface Versioned {
  version: number
  record: TokenRecord
}

/** The lifetime of a session token if OneAccess does not say: the documented 7 days. */
const DEFAULT_SESSION_LIFE = 604_800_000
/** The lifetime of an id_token without `exp`: CIAM's default (docs/wire.md#refresh). */
const DEFAULT_TOKEN_LIFE = 300_000
/** How long an ended record is kept, so that errors can give the reason. */
export const TOMBSTONE_LIFE = 7_200_000

/** The record for a session that OneAccess has just created or refreshed. */
export function recordOf(
  answer: SessionResponse,
  { device, tenantID }: CallContext,
  refreshBefore: number | undefined,
  userID?: string,
): TokenRecord {
  const now = Date.now()
  const { sessionToken, idToken, expiresIn } = answer
  // no session expires when it is created: 0 means that OneAccess does not say
  const sessionExpiresAt = expiresIn ? now + expiresIn * 1000 : undefined
  const record: TokenRecord = { sessionToken, refreshedAt: now, device }
  if (sessionExpiresAt !== undefined) record.sessionExpiresAt = sessionExpiresAt
  if (idToken !== undefined) {
    record.idToken = idToken
    record.expiresAt = expiryOf(answer, now)
    record.refreshAt = refreshTimeOf(record.expiresAt, now, sessionExpiresAt, refreshBefore)
  }
  if (tenantID !== undefined) record.tenantID = tenantID
  if (userID !== undefined) record.userID = userID
  return record
}

/** What all calls for this login have in common. */
export function callContextOf({ device, tenantID }: TokenRecord): CallContext {
  return omitUndefined({ device, tenantID })
}

/**
 * When the id_token is due for a refresh: before it expires, or before the session does if that is earlier.
 * With jitter, so that users who logged in together do not refresh together.
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

/** The clocks may differ, but a token that has just arrived lives no longer than its full lifetime from now. */
function expiryOf(answer: SessionResponse, now: number): number {
  const { expiresAt = now + DEFAULT_TOKEN_LIFE, issuedAt } = claimsOf(answer) ?? {}
  if (issuedAt === undefined || issuedAt >= expiresAt) return expiresAt
  return Math.min(expiresAt, now + expiresAt - issuedAt)
}

/**
 * Converts the times of a record to this process's clock. They are by the clock of the process that
 * refreshed it: if that refresh is in the future here, that clock is ahead, and the id_token
 * expires that much earlier by ours. Later reads of the same id_token no longer show the
 * difference, so `known`, the earlier result, is used too.
 */
export function inLocalTime(record: TokenRecord, known: TokenRecord | undefined): TokenRecord {
  const { idToken, expiresAt, refreshAt } = record
  if (idToken === undefined || expiresAt === undefined) return record
  const shown = record.refreshedAt - Date.now()
  const before = known?.idToken === idToken ? expiresAt - (known.expiresAt ?? expiresAt) : 0
  const ahead = Math.max(shown, before)
  if (ahead <= 0) return record
  return {
    ...record,
    expiresAt: expiresAt - ahead,
    ...(refreshAt !== undefined && { refreshAt: refreshAt - ahead }),
  }
}

/**
 * Whether it comes from a later refresh. Versions do not tell: a store that lost its last writes
 * may reuse them.
 */
export function isLaterThan(record: TokenRecord, other: TokenRecord): boolean {
  return (record.generation ?? 0) > (other.generation ?? 0)
}

/** Whether the session has expired, by the lifetime that OneAccess gave with the session token. */
export function hasExpired({ ended, sessionExpiresAt = Infinity }: TokenRecord): boolean {
  return ended === undefined && Date.now() >= sessionExpiresAt
}

/** How long the store keeps a record, in milliseconds: somewhat longer than OneAccess keeps the session. */
export function lifeOf(record: TokenRecord): number {
  if (record.ended) return TOMBSTONE_LIFE
  const end = record.sessionExpiresAt ?? record.refreshedAt + DEFAULT_SESSION_LIFE
  return Math.max(end - Date.now(), 0) + TOMBSTONE_LIFE
}

/** The record of an ended login. It holds no tokens. */
export function tombstone(reason: EndReason): TokenRecord & { ended: object } {
  const at = Date.now()
  const device = { osVersion: '', fingerprint: '', ip: '', agent: '' }
  return { sessionToken: '', refreshedAt: at, device, ended: { reason, at } }
}

/** The id of a new record: random, constant for the login, and all that the session holds. */
export function newRecordID(): string {
  return randomHex()
}

/** The name of a record in events and logs. */
export function publicNameOf(id: string): string {
  return sha256(id).slice(0, 12)
}
