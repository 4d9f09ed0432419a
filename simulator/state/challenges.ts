import type { Person } from '../people.js'
import type { Device } from './device.js'

/** An unfinished login: what its state token stands for. */
export interface Challenge {
  /** Whose Alipay account it is. */
  person: Person
  status: string
  device: Device
}

const DEFAULT_FLOWS = ['VERIFY_PHONE', 'VERIFY_EMAIL']

export function flowsOf(person: Person): string[] {
  return person.flows ?? DEFAULT_FLOWS
}

/**
 * The `data` of a login that did not succeed: a JSON string (docs/wire.md#log-in-with-the-code).
 */
export function challengeData({ person, status }: Challenge): string {
  if (status !== 'SOCIAL_BIND' && status !== 'USER_REGISTER') return '{}'
  return JSON.stringify({ socialBindOrRegisterFlow: flowsOf(person) })
}
