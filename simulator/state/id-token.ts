import type { Person } from '../people.js'
import type { SimulatorSettings } from '../settings.js'
import { signJWT } from './keys.js'

/** What an id_token is made from. `now` is in milliseconds. */
interface IDTokenInput {
  person: Person
  issuer: string
  clientID: string
  now: number
  settings: SimulatorSettings
}

/** A user's fields as OneAccess returns them; fields that the person lacks are absent. */
export function userFields(person: Person): Record<string, string> {
  const { id, userName, name, mobile, email } = person
  const fields: Record<string, string> = { id, userName, name }
  if (mobile) fields.mobile = `+86-${mobile}`
  if (email) fields.email = email
  return fields
}

/** A signed id_token in the shape that the settings name (docs/wire.md#id_token shows two). */
export function makeIDToken(input: IDTokenInput): string {
  const { person, issuer, clientID, now, settings } = input
  const iat = Math.floor(now / 1000)
  const life = { iat, exp: iat + settings.idTokenLife }
  const user = userFields(person)
  const claims =
    settings.idTokenShape === 'claims'
      ? { iss: issuer, aud: clientID, sub: person.userName, ...user, ...life }
      : {
          // the literal words, as the documentation's sample has them
          iss: 'Issuer',
          aud: 'Audience',
          sub: 'subject',
          api: JSON.stringify(user),
          ...life,
        }
  return signJWT(claims, settings.idTokenAlgorithm)
}
