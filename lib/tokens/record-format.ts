import { isObject, parseJson } from '../json.js'
import type { TokenRecord } from './record.js'

const FORMAT = 1

/** A type that JSON has; with `?` it may be absent. */
type Kind = 'string' | 'number' | 'string?' | 'number?'

const FIELDS: Record<string, Kind> = {
  sessionToken: 'string',
  sessionExpiresAt: 'number?',
  idToken: 'string?',
  expiresAt: 'number?',
  refreshAt: 'number?',
  refreshedAt: 'number',
  tenantID: 'string?',
  userID: 'string?',
}

const DEVICE: Record<string, Kind> = {
  osVersion: 'string',
  fingerprint: 'string',
  ip: 'string',
  agent: 'string',
}

/** Parts that may be absent. */
const PARTS: Record<string, Record<string, Kind>> = {
  presented: { by: 'string', refusedAt: 'number?' },
  setback: { count: 'number', notBefore: 'number', code: 'string' },
  ended: { reason: 'string', at: 'number' },
}

export function encodeRecord(record: TokenRecord): string {
  return JSON.stringify({ format: FORMAT, ...record })
}

/** The record, or undefined for anything that this version did not write. */
export function decodeRecord(value: string): TokenRecord | undefined {
  try {
    const parsed = parseJson(value)
    if (!isObject(parsed) || parsed.format !== FORMAT) return undefined
    const { format: _, ...record } = parsed
    if (!has(record, FIELDS) || !has(record.device, DEVICE)) return undefined
    const parts = Object.entries(PARTS)
    const sound = parts.every(([name, kinds]) => !(name in record) || has(record[name], kinds))
    return sound ? (record as unknown as TokenRecord) : undefined
  } catch {
    return undefined
  }
}

function has(value: unknown, kinds: Record<string, Kind>): boolean {
  return isObject(value) && Object.entries(kinds).every(([name, kind]) => isA(value[name], kind))
}

function isA(value: unknown, kind: Kind): boolean {
  if (value === undefined) return kind.endsWith('?')
  return kind.startsWith('number') ? Number.isFinite(value) : typeof value === 'string'
}
