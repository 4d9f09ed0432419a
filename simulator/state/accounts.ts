import type { Person } from '../people.js'

/** Where a contact belongs: a user is found by it, a code goes to it. */
export type Contact = { mobile: string } | { email: string }

/**
 * Which user of the tenant each Alipay account is linked to. An account whose person must bind or
 * register is linked to nobody at the start.
 */
export class Accounts {
  private readonly people: Person[]
  private readonly links = new Map<string, Person>()
  private readonly registered: Person[] = []

  constructor(people: Person[]) {
    this.people = people
  }

  /** The user behind an Alipay account, if it is linked to one. */
  userOf(person: Person): Person | undefined {
    return this.links.get(person.id) ?? (isUnlinked(person) ? undefined : person)
  }

  /** What a login of this account answers. */
  statusOf(person: Person): string {
    const linked = this.links.get(person.id)
    if (!linked) return person.outcome
    return person.after ?? (linked.outcome === 'MFA_AUTH' ? 'MFA_AUTH' : 'SUCCESS')
  }

  /** The user with this mobile number or email, among those whom the tenant has. */
  findUser(contact: Contact): Person | undefined {
    const users = this.people.filter((one) => one.outcome !== 'USER_REGISTER')
    return [...users, ...this.registered].find((user) =>
      'mobile' in contact
        ? user.mobile === localNumber(contact.mobile)
        : user.email === contact.email,
    )
  }

  link(person: Person, user: Person): void {
    this.links.set(person.id, user)
  }

  /** Makes a user of somebody who is none yet, and links them. */
  register(person: Person, contact: Contact): Person {
    const { id, userName, name } = person
    const reached =
      'mobile' in contact ? { mobile: localNumber(contact.mobile) } : { email: contact.email }
    const user: Person = { id, userName, name, outcome: 'SUCCESS', ...reached }
    this.registered.push(user)
    this.link(person, user)
    return user
  }
}

function isUnlinked(person: Person): boolean {
  return person.outcome === 'SOCIAL_BIND' || person.outcome === 'USER_REGISTER'
}

/** `+86-152…` and `152…` are the same number. */
function localNumber(mobile: string): string {
  return mobile.replace(/^\+86-?/, '')
}
