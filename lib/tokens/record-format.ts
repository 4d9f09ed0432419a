import { isObject, parseJson } from '../util/json.js'
import type { TokenRecord } from './record.js'

/**
 * The format that this release writes. A record can also name the oldest format whose readers can use
 * it: this release can read a later format that only adds fields, and preserves the fields that it does
 * not know. docs/upgrading.md describes the policy.
 */
const FORMAT = 1

/** A JSON type; with `?`, the field is optional. */
type Kind = 'string' | 'number' | 'string?' | 'number?'

const FIELDS: Record<string, Kind> = {
  sessionToken: 'string',
  sessionExpiresAt: 'number?',
  idToken: 'string?',
  expiresAt: 'number?',
  refreshAt: 'number?',
  refreshedAt: 'number',
  generation: 'number?',
  tenantID: 'string?',
  userID: 'string?',
}

const DEVICE: Record<string, Kind> = {
  osVersion: 'string',
  fingerprint: 'string',
  ip: 'string',
  agent: 'string',
}

/** Optional objects in a record. */
const PARTS: Record<string, Record<string, Kind>> = {
  presented: { by: 'string', refusedAt: 'number?' },
  setback: { count: 'number', since: 'number?', notBefore: 'number', code: 'string' },
  ended: { reason: 'string', at: 'number' },
}

export function encodeRecord(record: TokenRecord): string {
  // a record from a later release keeps its own format
  if ('format' in record) return JSON.stringify(record)
  return `{"format":${FORMAT},${JSON.stringify(record).slice(1)}`
}

/** Why a record cannot be used by this release. */
type Undecodable = 'newer' | 'damaged'

/** Decodes a record, or returns why this release cannot use it. */
export function decodeRecord(value: string): TokenRecord | Undecodable {
  try {
    const parsed = parseJson(value)
    if (!isObject(parsed) || typeof parsed.format !== 'number' || parsed.format < 1) {
      return 'damaged'
    }
    const { format, readableFrom = format } = parsed
    if (typeof readableFrom !== 'number' || readableFrom > FORMAT) return 'newer'
    // a later format keeps its number with its fields; our own is added when it is written
    const { format: _, ...fields } = parsed
    const record = format > FORMAT ? parsed : fields
    if (!has(record, FIELDS) || !has(record.device, DEVICE)) return 'damaged'
    const parts = Object.entries(PARTS)
    const sound = parts.every(([name, kinds]) => !(name in record) || has(record[name], kinds))
    return sound ? (record as unknown as TokenRecord) : 'damaged'
  } catch {
    return 'damaged'
  }
}

const KNOWN = new Set([...Object.keys(FIELDS), ...Object.keys(PARTS), 'device'])

/** The fields that a later release has added to a record, which this one passes on unchanged. */
export function unknownFieldsOf(record: TokenRecord): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !KNOWN.has(name)))
}

function has(value: unknown, kinds: Record<string, Kind>): boolean {
  return isObject(value) && Object.entries(kinds).every(([name, kind]) => isA(value[name], kind))
}

function isA(value: unknown, kind: Kind): boolean {
  if (value === undefined) return kind.endsWith('?')
  return kind.startsWith('number') ? Number.isFinite(value) : typeof value === 'string'
}
