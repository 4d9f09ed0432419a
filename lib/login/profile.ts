import type { Profile as PassportProfile } from 'passport'
import type { OneAccessUser } from '../oneaccess/user.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** Passport's normal form. Only `id` is sure: which other fields come is set per tenant (docs/wire.md#sso_ticket-to-user). */
export interface Profile extends PassportProfile {
  provider: 'oneaccess-alipay'
  /** OneAccess's stable identifier of the user. Keep this one. */
  id: string
  username?: string
  /** The name; else the user name; else empty. */
  displayName: string
  emails?: { value: string }[]
  /** As OneAccess gives it; may start with `+86-`. */
  phoneNumbers?: { value: string }[]
  /** The user as received. */
  _json: OneAccessUser
}

/** OneAccess's user as Passport's profile. */
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
