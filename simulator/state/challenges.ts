import type { Person } from '../people.js'
import type { Device } from './device.js'

/** A login that is not finished: what its state token stands for. */
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

/** `data` of a login's answer that is no SUCCESS: a JSON string (docs/wire.md#log-in-with-the-code). */
export function challengeData({ person, status }: Challenge): string {
  if (status !== 'SOCIAL_BIND' && status !== 'USER_REGISTER') return '{}'
  return JSON.stringify({ socialBindOrRegisterFlow: flowsOf(person) })
}
