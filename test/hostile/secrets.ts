import { inspect } from 'node:util'
import type { Endpoint, Simulator } from '../../simulator/index.js'

/** Every secret that a scenario has used, by the name of what it is. */
export class Secrets {
  readonly #all = new Map<string, string>()

  add(name: string, value: unknown): void {
    // a shorter one would be found by accident
    if (typeof value === 'string' && value.length >= 8) this.#all.set(value, name)
  }

  /** To hand them to another process. */
  list(): [secret: string, name: string][] {
    return [...this.#all]
  }

  get names(): string[] {
    return [...new Set(this.#all.values())].sort()
  }

  /** The names of those that a text holds, plain, percent-encoded or in base64. */
  in(text: string): string[] {
    const found = [...this.#all].filter(([secret]) =>
      formsOf(secret).some((form) => text.includes(form)),
    )
    return [...new Set(found.map(([, name]) => name))]
  }

  /** The names of those that anything shows, by every way to print it. */
  shownBy(value: unknown): string[] {
    return this.in(everythingOf(value))
  }
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [secret, encodeURIComponent(secret), base64]
}

/** All that a log could print of a value: hidden members and causes at any depth, JSON, text. */
export function everythingOf(value: unknown): string {
  const options = { depth: Infinity, maxArrayLength: null, maxStringLength: null, getters: true }
  return [
    inspect(value, options),
    inspect(value, { ...options, showHidden: true, showProxy: true }),
    String(value),
    value instanceof Error ? value.stack : '',
    jsonOf(value),
  ].join('\n')
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return '' // a circle: inspect has shown it
  }
}

const ANSWERED: [Endpoint, string[]][] = [
  ['credential', ['access_token']],
  ['login', ['session_token', 'id_token', 'state_token']],
  ['ticket', ['sso_ticket']],
  ['refresh-id-token', ['session_token', 'id_token']],
  ['refresh-session-token', ['session_token', 'id_token']],
  ['refresh-signed-id-token', ['id_token']],
]

/** Learns each secret that the simulator gives out, without changing an answer. */
export function learnFrom(simulator: Simulator, secrets: Secrets): void {
  secrets.add('client secret', simulator.clientSecret)
  for (const person of simulator.people) {
    secrets.add('phone number', person.mobile)
    secrets.add('email', person.email)
  }
  for (const [endpoint, fields] of ANSWERED) {
    const change = (answer: unknown) => {
      const body = answer as Record<string, unknown>
      for (const field of fields) secrets.add(field, body[field])
      return answer
    }
    simulator.fault(endpoint, { times: 'always', change })
  }
}
