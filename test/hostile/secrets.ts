import { inspect } from 'node:util'
import type { Endpoint, Simulator } from '../../simulator/index.js'

/** Every secret that a scenario has used, with a name for its kind. */
export class Secrets {
  readonly #all = new Map<string, string>()

  add(name: string, value: unknown): void {
    // a shorter value would be found by chance
    if (typeof value === 'string' && value.length >= 8) this.#all.set(value, name)
  }

  /** In a form that another process can read. */
  list(): [secret: string, name: string][] {
    return [...this.#all]
  }

  get names(): string[] {
    return [...new Set(this.#all.values())].sort()
  }

  /** The names of the secrets in a text: plain, percent-encoded or base64. */
  in(text: string): string[] {
    const found = [...this.#all].filter(([secret]) =>
      formsOf(secret).some((form) => text.includes(form)),
    )
    return [...new Set(found.map(([, name]) => name))]
  }

  /** The names of the secrets in anything that a log could print of a value. */
  shownBy(value: unknown): string[] {
    return this.in(everythingOf(value))
  }
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '')
  return [secret, encodeURIComponent(secret), base64]
}

/** Anything that a log could print of a value: hidden members and causes at any depth, JSON, text. */
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
    return '' // circular: inspect() has already printed it
  }
}

const SECRETS_IN_RESPONSES: [Endpoint, string[]][] = [
  ['credential', ['access_token']],
  ['login', ['session_token', 'id_token', 'state_token']],
  ['ticket', ['sso_ticket']],
  ['refresh-id-token', ['session_token', 'id_token']],
  ['refresh-session-token', ['session_token', 'id_token']],
  ['refresh-signed-id-token', ['id_token']],
]

/** Collects each secret that the simulator issues, without changing a response. */
export function learnFrom(simulator: Simulator, secrets: Secrets): void {
  secrets.add('client secret', simulator.clientSecret)
  for (const person of simulator.people) {
    secrets.add('phone number', person.mobile)
    secrets.add('email', person.email)
  }
  for (const [endpoint, fields] of SECRETS_IN_RESPONSES) {
    const change = (answer: unknown) => {
      const body = answer as Record<string, unknown>
      for (const field of fields) secrets.add(field, body[field])
      return answer
    }
    simulator.fault(endpoint, { times: 'always', change })
  }
}
