import type { Profile as PassportProfile } from 'passport'
import type { OneAccessUser } from '../oneaccess/user.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** The user as a Passport profile. Only `id` is certain; the tenant's settings decide the rest (docs/wire.md#sso_ticket-to-user). */
export interface Profile extends PassportProfile {
  provider: 'oneaccess-alipay'
  /** OneAccess's stable identifier of the user. Store this one. */
  id: string
  username?: string
  /** The name, or else the user name, or else an empty string. */
  displayName: string
  emails?: { value: string }[]
  /** As OneAccess returns it; may start with `+86-`. */
  phoneNumbers?: { value: string }[]
  /** The user as received. */
  _json: OneAccessUser
}

/** Converts OneAccess's user to a Passport profile. */
export function profileOf(user: OneAccessUser): Profile {
  const username = textOf(user.userName)
  const email = textOf(user.email)
  const mobile = textOf(user.mobile)
  return omitUndefined({
    provider: 'oneaccess-alipay' as const,
    id: user.id,
    username,
    displayName: textOf(user.name) ?? username ?? '',
    emails: email === undefined ? undefined : [{ value: email }],
    phoneNumbers: mobile === undefined ? undefined : [{ value: mobile }],
    _json: user,
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
