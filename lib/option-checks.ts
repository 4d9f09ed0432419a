import { isLoopback } from './util/loopback.js'

/** The error for an invalid option: a `TypeError` that names it. */
export function optionError(name: string, what: string): TypeError {
  return new TypeError(`OneAccessAlipayStrategy: option ${name} ${what}`)
}

export function onlyKnown(value: object, known: object, prefix: string): void {
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(known, name)) {
      throw optionError(
        `${prefix}${name}`,
        `is unknown; known options: ${Object.keys(known).join(', ')}`,
      )
    }
  }
}

/** Only undefined gets the default. null is a mistake, and the check that follows reports it. */
export function given<T>(value: T | undefined, otherwise: T): T {
  return value === undefined ? otherwise : value
}

export function optional<T, R>(value: T | undefined, read: (value: T) => R): R | undefined {
  return value === undefined ? undefined : read(value)
}

export function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw optionError(name, value === undefined ? 'is required' : 'must be a non-empty string')
  }
  return value
}

export function headerText(value: unknown, name: string): string {
  const string = text(value, name)
  if (!/^[\x21-\x7e]+$/.test(string))
    throw optionError(name, 'must contain only visible ASCII characters')
  return string
}

export function func<T>(value: T, name: string): T {
  if (typeof value !== 'function') throw optionError(name, 'must be a function')
  return value
}

export function bool(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw optionError(name, 'must be true or false')
  return value
}

export function oneOf<T extends string>(
  value: T | undefined,
  name: string,
  all: readonly [T, ...T[]],
): T {
  if (value === undefined) return all[0]
  if (!all.includes(value)) throw optionError(name, `must be one of: ${all.join(', ')}`)
  return value
}

/** Node's timers fire immediately for a longer delay. */
const LONGEST_SPAN = 2 ** 31 - 1

export function span(value: unknown, name: string): number {
  if (typeof value !== 'number' || !(value > 0) || value > LONGEST_SPAN) {
    throw optionError(
      name,
      `must be a number of milliseconds, more than 0 and at most ${LONGEST_SPAN}`,
    )
  }
  return value
}

export function count(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < 1) {
    throw optionError(name, 'must be a whole number, at least 1')
  }
  return Number(value)
}

function url(value: unknown, name: string): URL {
  const string = text(value, name)
  if (!URL.canParse(string)) throw optionError(name, 'must be an absolute URL')
  const parsed = new URL(string)
  if (!/^https?:$/.test(parsed.protocol)) throw optionError(name, 'must be an https URL')
  if (parsed.username !== '' || parsed.password !== '')
    throw optionError(name, 'must not contain a user or password')
  return parsed
}

export function secureURL(value: unknown, name: string): URL {
  const parsed = url(value, name)
  if (parsed.protocol === 'http:' && !isLoopback(parsed)) {
    throw optionError(name, 'must be https: plain http is allowed only for loopback')
  }
  return parsed
}
