import type { Localized } from '../localize.js'
import type { Challenge } from './challenge.js'

/** The challenge, whose methods reject in the words of the person who is to finish it. */
export function inTheirWords(challenge: Challenge, localized: Localized): Challenge {
  return new Proxy(challenge, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
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
