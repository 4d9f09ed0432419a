import type { Profile } from 'passport-oneaccess-alipay'

/** A customer of the shop. */
export interface User {
  /** OneAccess's own identifier, the only thing that never changes. */
  id: string
  name: string
  username?: string
  email?: string
  /** Masked: the shop has no use for the whole number. */
  mobile?: string
  /** Absent at the first login: who is new is not welcomed back. */
  returning?: true
}

/** Where customers are kept, as JSON: a table of a database, in a shop that sells something. */
export interface UserTable {
  get(id: string): Promise<string | null | undefined>
  set(id: string, user: string): Promise<unknown>
}

export class Users {
  readonly #table: UserTable

  constructor(table: UserTable) {
    this.#table = table
  }

  async find(id: string): Promise<User | undefined> {
    const found = await this.#table.get(id)
    return found ? (JSON.parse(found) as User) : undefined
  }

  /** The customer with this profile, who is new at the first login; the rest may change at any login. */
  async findOrCreate(profile: Profile): Promise<User> {
    const user = userOf(profile)
    if (await this.#table.get(user.id)) user.returning = true
    await this.#table.set(user.id, JSON.stringify(user))
    return user
  }
}

/** Which fields come is set per tenant: a name may be missing, and then the account's own stands in. */
function userOf(profile: Profile): User {
  const { id, username, displayName, emails, phoneNumbers } = profile
  const [email] = emails ?? []
  const [mobile] = phoneNumbers ?? []
  return {
    id,
    name: displayName || id,
    ...(username === undefined ? {} : { username }),
    ...(email === undefined ? {} : { email: email.value }),
    ...(mobile === undefined ? {} : { mobile: masked(mobile.value) }),
  }
}

/** `+86-15200000001` as `152****0001`. */
export function masked(mobile: string): string {
  const digits = mobile.replace(/^\+86-?/, '')
  return digits.length < 7 ? '****' : `${digits.slice(0, 3)}****${digits.slice(-4)}`
}
