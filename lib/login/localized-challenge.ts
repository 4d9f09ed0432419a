import type { Localized } from '../localize.js'
import { Challenge } from './challenge.js'

/** A challenge whose methods reject with localized messages. */
export function localizedChallenge(challenge: Challenge, localized: Localized): Challenge {
  return new Proxy(challenge, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      const isOurs = name !== 'constructor' && Object.hasOwn(Challenge.prototype, name)
      if (typeof member !== 'function' || !isOurs) return member
      return async (...given: unknown[]) => {
        try {
          return await member.apply(target, given)
        } catch (error) {
          throw localized.error(error)
        }
      }
    },
  })
}
