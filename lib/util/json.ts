import { type Step, unexpectedAnswer } from '../errors.js'

/** A JSON object from the wire, of which nothing else is known yet. */
export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads fields of one answer; an error names the step and the field, and never the value. */
export class ResponseReader {
  readonly #fields: Json
  readonly #step: Step

  constructor(step: Step, value: unknown) {
    if (!isObject(value)) throw unexpectedAnswer(step, 'the body', `is not a JSON object`)
    this.#step = step
    this.#fields = value
  }

  /** A string that must be there and not be empty. */
  text(field: string): string {
    const value = this.optionalText(field)
    if (value === undefined) throw unexpectedAnswer(this.#step, field, 'is missing or empty')
    return value
  }

  /** A token that must be there: visible ASCII, because it goes into a header or a URL later. */
  token(field: string): string {
    const value = this.text(field)
    if (value.length > LONGEST_TOKEN) {
      throw unexpectedAnswer(this.#step, field, 'is longer than any token')
    }
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw unexpectedAnswer(this.#step, field, 'holds characters that no token has')
    }
    return value
  }

  /** As `token`, but may be absent, null or empty. */
  optionalToken(field: string): string | undefined {
    return this.optionalText(field) === undefined ? undefined : this.token(field)
  }

  /** An image, with or without the prefix of a data URL; a page may show it as it is. */
  base64(field: string): string {
    const value = this.text(field).replace(/^data:image\/\w+;base64,/, '')
    if (!/^[\w+/]+={0,2}$/.test(value)) throw unexpectedAnswer(this.#step, field, 'is not base64')
    return value
  }

  /** A string that may be absent, null or empty, all of which read as undefined. */
  optionalText(field: string): string | undefined {
    const value = this.#fields[field]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string') throw unexpectedAnswer(this.#step, field, 'is not a string')
    return value
  }

  /** A span in seconds that may be absent; a number as a string is taken too, and any is at most ten years. */
  optionalSeconds(field: string): number | undefined {
    const value = this.#fields[field]
    if (value === undefined || value === null || value === '') return undefined
    const seconds = typeof value === 'string' ? Number(value) : value
    if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) {
      throw unexpectedAnswer(this.#step, field, 'is not a number of seconds')
    }
    return Math.min(seconds, LONGEST_LIFE)
  }
}

const LONGEST_TOKEN = 65_536

/** Who says "for ever" may say it with a number that no date and no store can hold. */
const LONGEST_LIFE = 315_360_000

/** More lists and objects than any answer holds; so deep at most, functions that call themselves are safe. */
const MOST_LISTS = 2_000
const MOST_VALUES = 20_000

/** Counted ahead of parsing, which takes a tenth of a second for 1 MiB of brackets. */
function isOverfull(text: string): boolean {
  if (text.length < MOST_LISTS) return false
  let lists = 0
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === ',') values++
    else if (char === '[' || char === '{') lists++
    if (lists > MOST_LISTS || values > MOST_VALUES) return true
  }
  return false
}

const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** Where one of these is, such a key may be. Searched one by one, a third of what a regex takes. */
const SUSPECTS = ['proto', 'constructor', '\\u']

/**
 * `JSON.parse` whose result can be copied and merged without reaching a prototype. The reviver is
 * slow, so it runs only where such a key may be, plain or written with escapes.
 */
export function parseJson(text: string): unknown {
  if (isOverfull(text)) throw new SyntaxError('more values or lists than any answer has')
  if (!SUSPECTS.some((suspect) => text.includes(suspect))) return JSON.parse(text)
  return JSON.parse(text, function (this: unknown, key, value) {
    if (UNSAFE_KEYS.has(key) && isObject(this)) return undefined
    return value
  })
}
