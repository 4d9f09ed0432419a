import type { Person } from '../people.js'

/** A mobile number or an email: finds a user, or receives a code. */
export type Contact = { mobile: string } | { email: string }

/**
 * Which user of the tenant each Alipay account is linked to. The accounts of people who must bind
 * or register start without a link.
 */
export class Accounts {
  private readonly people: Person[]
  private readonly links = new Map<string, Person>()
  private readonly registered: Person[] = []

  constructor(people: Person[]) {
    this.people = people
  }

  /** The user that an Alipay account is linked to, if any. */
  userOf(person: Person): Person | undefined {
    return this.links.get(person.id) ?? (isUnlinked(person) ? undefined : person)
  }

  /** The status that a login with this account returns. */
  statusOf(person: Person): string {
    const linked = this.links.get(person.id)
    if (!linked) return person.outcome
    return person.after ?? (linked.outcome === 'MFA_AUTH' ? 'MFA_AUTH' : 'SUCCESS')
  }

  /** The tenant's user with this mobile number or email. */
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

  /** Creates a user for somebody who is not one yet, and links the account to it. */
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
