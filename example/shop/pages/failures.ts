import { type FailureCode, failureMessage } from 'passport-oneaccess-alipay'
import type { Words } from '../language.js'

/** Why a login failed, for the person: what happened, and what they can do. */
export interface Failure {
  title: string
  what: string
  /** What the button says that begins anew. */
  again: string
}

const TITLE: Words<string> = { zh: '登录没有完成', en: 'The login was not completed' }
const AGAIN: Words<string> = { zh: '用支付宝再试一次', en: 'Try again' }

/** Another try with the same account would end in the same way. */
const IN_VAIN: readonly string[] = [
  'social_bind',
  'user_register',
  'mfa_auth',
  'access_denied',
  'no_user',
] satisfies FailureCode[]
const ANOTHER: Words<string> = { zh: '换一个支付宝账号', en: 'Another account' }

/** What to tell about a code; undefined for what is none. */
export function networkErrorOf(code: unknown, language: keyof Words<unknown>): Failure | undefined {
  if (typeof code !== 'string') return undefined
  const what = failureMessage(code, language)
  const again = IN_VAIN.includes(code) ? ANOTHER : AGAIN
  return what === undefined ? undefined : { title: TITLE[language], what, again: again[language] }
}
