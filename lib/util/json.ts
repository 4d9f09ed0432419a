import { type Step, unexpectedAnswer } from '../errors.js'

/** A JSON object whose fields have not been checked yet. */
export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads the fields of a response; errors name the step and the field, never the value. */
export class ResponseReader {
  readonly #fields: Json
  readonly #step: Step

  constructor(step: Step, value: unknown) {
    if (!isObject(value)) throw unexpectedAnswer(step, 'the body', `is not a JSON object`)
    this.#step = step
    this.#fields = value
  }

  /** A required, non-empty string. */
  text(field: string): string {
    const value = this.optionalText(field)
    if (value === undefined) throw unexpectedAnswer(this.#step, field, 'is missing or empty')
    return value
  }

  /** A required token: visible ASCII, because it will be sent in a header or a URL. */
  token(field: string): string {
    const value = this.text(field)
    if (value.length > LONGEST_TOKEN) {
      throw unexpectedAnswer(this.#step, field, 'is too long for a token')
    }
    if (!/^[\x21-\x7e]+$/.test(value)) {
      throw unexpectedAnswer(this.#step, field, 'contains characters that a token must not have')
    }
    return value
  }

  /** As `token`, but undefined if it is absent, null or empty. */
  optionalToken(field: string): string | undefined {
    return this.optionalText(field) === undefined ? undefined : this.token(field)
  }

  /** An image in base64, with or without a data URL prefix; safe to show in a page. */
  base64(field: string): string {
    const value = this.text(field).replace(/^data:image\/\w+;base64,/, '')
    if (!/^[\w+/]+={0,2}$/.test(value)) throw unexpectedAnswer(this.#step, field, 'is not base64')
    return value
  }

  /** A string; undefined if it is absent, null or empty. */
  optionalText(field: string): string | undefined {
    const value = this.#fields[field]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string') throw unexpectedAnswer(this.#step, field, 'is not a string')
    return value
  }

  /** A duration in seconds, also as a numeric string, capped at ten years; undefined if it is absent. */
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

/** Some servers express "forever" as a number that no date and no store can hold. */
const LONGEST_LIFE = 315_360_000

/** More arrays and objects than any response has; nesting is bounded too, so recursive functions are safe. */
const MOST_LISTS = 2_000
const MOST_VALUES = 20_000

/** Counts before parsing, which takes a tenth of a second for 1 MiB of brackets. */
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

/** If the text contains one of these, it may contain an unsafe key. Faster than a regex by two thirds. */
const SUSPECTS = ['proto', 'constructor', '\\u']

/**
 * `JSON.parse` whose result can be copied and merged without prototype pollution. The reviver is slow,
 * so it runs only if there may be an unsafe key, plain or escaped.
 */
export function parseJson(text: string): unknown {
  if (isOverfull(text)) throw new SyntaxError('too many values or lists')
  if (!SUSPECTS.some((suspect) => text.includes(suspect))) return JSON.parse(text)
  return JSON.parse(text, function (this: unknown, key, value) {
    if (UNSAFE_KEYS.has(key) && isObject(this)) return undefined
    return value
  })
}
