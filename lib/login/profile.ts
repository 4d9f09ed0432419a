import type { Profile as PassportProfile } from 'passport'
import type { OneAccessUser } from '../oneaccess/user.js'

/** Passport's normal form. Only `id` is sure: which other fields come is set per tenant (contract 1.6). */
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
  return {
    provider: 'oneaccess-alipay',
    id: user.id,
    ...(username === undefined ? {} : { username }),
    displayName: textOf(user.name) ?? username ?? '',
    ...(email === undefined ? {} : { emails: [{ value: email }] }),
    ...(mobile === undefined ? {} : { phoneNumbers: [{ value: mobile }] }),
    _json: user,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
