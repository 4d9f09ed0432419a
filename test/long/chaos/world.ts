import type { Simulator } from '../../../simulator/index.js'
import type { Fleet } from './fleet.js'
import type { Person } from './person.js'
import type { Profile } from './profile.js'
import type { Random } from './random.js'
import type { RedisPair } from './redis-pair.js'
import type { SlowPath } from './slow-path.js'
import type { Wire } from './wire.js'

/** Everything in a run. */
export interface World {
  profile: Profile
  random: Random
  redis: RedisPair
  wire: Wire
  simulator: Simulator
  path: SlowPath
  fleet: Fleet
  people: Person[]
  /** When Redis was down. */
  outages: { from: number; to: number }[]
  close(): Promise<void>
}
