import type { Person } from '../people.js'
import type { Device } from './device.js'

/** A login that is not finished: what its state token stands for. */
export interface Challenge {
  person: Person
  status: string
  device: Device
}

/** `data` of a login's answer that is no SUCCESS: a JSON string (contract 1.3). */
export function challengeData(challenge: Challenge): string {
  if (challenge.status !== 'SOCIAL_BIND' && challenge.status !== 'USER_REGISTER') return '{}'
  const flows = challenge.person.flows ?? ['VERIFY_PHONE', 'VERIFY_EMAIL']
  return JSON.stringify({ socialBindOrRegisterFlow: flows })
}
