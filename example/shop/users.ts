import type { Profile } from 'passport-oneaccess-alipay'

/** A customer of the shop. */
export interface User {
  /** OneAccess's identifier, the only field that never changes. */
  id: string
  name: string
  username?: string
  email?: string
  /** Masked, because the shop does not need the whole number. */
  mobile?: string
  /** Absent at the first login, when the page must not say "welcome back". */
  returning?: true
}

/** Where customers are kept as JSON. A real shop would use a database table. */
interface UserTable {
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

  /** The customer with this profile: created at the first login, updated at every later one. */
  async findOrCreate(profile: Profile): Promise<User> {
    const user = userOf(profile)
    if (await this.#table.get(user.id)) user.returning = true
    await this.#table.set(user.id, JSON.stringify(user))
    return user
  }
}

/** The tenant decides which fields a profile has: without a name, the id is used. */
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
