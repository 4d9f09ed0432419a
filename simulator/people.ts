/** Somebody with an Alipay account, and what OneAccess answers at their next login. */
export interface Person {
  /** The user's id at OneAccess, the one stable identifier (docs/wire.md#sso_ticket-to-user). */
  id: string
  userName: string
  name: string
  /** Digits only; OneAccess returns it with the prefix `+86-`. */
  mobile?: string
  email?: string
  /**
   * The `status` of the login's answer (docs/wire.md#log-in-with-the-code). Any other string
   * simulates an unknown status.
   */
  outcome:
    | 'SUCCESS'
    | 'SOCIAL_BIND'
    | 'USER_REGISTER'
    | 'MFA_AUTH'
    | 'ACCESS_DENIED'
    | (string & {})
  /** A second challenge, once the first is met. */
  after?: 'MFA_AUTH'
  /** The flows that `data` offers with a challenge; default `VERIFY_PHONE` and `VERIFY_EMAIL`. */
  flows?: string[]
  /** A line under the name on the consent page. */
  note?: { zh: string; en: string }
  /** An emoji or an initial for the consent page; default the name's first character. */
  avatar?: string
}

/** The built-in people: a fresh copy each time, so that no simulator changes those of another. */
export function defaultPeople(): Person[] {
  return structuredClone(builtInPeople)
}

const members: Record<keyof Person, (value: unknown) => boolean> = {
  id: isText,
  userName: isText,
  name: isText,
  mobile: (value) => typeof value === 'string' && /^\d{5,15}$/.test(value),
  email: isText,
  outcome: isText,
  after: (value) => value === 'MFA_AUTH',
  flows: (value) => Array.isArray(value) && value.every(isText),
  note: (value) => isText(Object(value).zh) && isText(Object(value).en),
  avatar: isText,
}

/** Whether a value, such as a file's content, is a list of people without duplicate ids. */
export function arePeople(value: unknown): value is Person[] {
  if (!Array.isArray(value) || !value.every(isPerson)) return false
  return new Set(value.map(({ id }) => id)).size === value.length
}

function isPerson(value: unknown): value is Person {
  const person: Record<string, unknown> = Object(value)
  const needed = ['id', 'userName', 'name', 'outcome'].every((name) => Object.hasOwn(person, name))
  return (
    needed &&
    Object.entries(person).every(
      ([name, one]) => Object.hasOwn(members, name) && members[name as keyof Person](one),
    )
  )
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

const builtInPeople: Person[] = [
  {
    id: '20220126153857263-A04D-60E0D446C',
    userName: 'wangfang',
    name: '王芳',
    mobile: '15200000001',
    email: 'wangfang@example.com',
    outcome: 'SUCCESS',
    note: { zh: '直接登录', en: 'logs in at once' },
  },
  {
    id: '20220330162436475-7570-D943B4FF3',
    userName: 'liwei',
    name: '李伟',
    mobile: '15200000002',
    email: 'liwei@example.com',
    outcome: 'SUCCESS',
    note: { zh: '直接登录（第二个账号）', en: 'logs in at once, a second account' },
  },
  {
    id: '20230518091204118-3C6E-1B7F5A2D9',
    userName: 'zhangmin',
    name: '张敏',
    mobile: '15200000003',
    email: 'zhangmin@example.com',
    outcome: 'SOCIAL_BIND',
    note: { zh: '首次登录，需要绑定已有用户', en: 'first login: must bind an existing user' },
  },
  {
    id: '20230902174533871-9F12-8E4C6B0A7',
    userName: 'liuyang',
    name: '刘洋',
    outcome: 'USER_REGISTER',
    note: { zh: '首次登录，可绑定或注册', en: 'first login: may bind or register' },
  },
  {
    id: '20231111080001002-5B8D-4D2E9F1C3',
    userName: 'chenjing',
    name: '陈静',
    mobile: '15200000005',
    email: 'chenjing@example.com',
    outcome: 'MFA_AUTH',
    note: { zh: '需要二次认证（短信）', en: 'second factor by text message' },
  },
  {
    id: '20240229120000640-2A7C-7C5D3E8B6',
    userName: 'zhaolei',
    name: '赵磊',
    mobile: '15200000006',
    email: 'zhaolei@example.com',
    outcome: 'SOCIAL_BIND',
    after: 'MFA_AUTH',
    note: { zh: '先绑定，再二次认证', en: 'binds first, then a second factor' },
  },
  {
    id: '20240704223015559-6E3B-0F9A8D7C1',
    userName: 'sunna',
    name: '孙娜',
    mobile: '15200000007',
    email: 'sunna@example.com',
    outcome: 'ACCESS_DENIED',
    note: { zh: '策略拒绝访问', en: 'refused by a policy' },
  },
]
