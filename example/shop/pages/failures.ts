import { type FailureCode, failureMessage } from 'passport-oneaccess-alipay'
import type { Words } from '../language.js'

/** Why a login failed, in words for the user: what happened, and what they can do. */
export interface Failure {
  title: string
  what: string
  /** The label of the button that starts again. */
  again: string
}

const TITLE: Words<string> = { zh: '登录没有完成', en: 'The login was not completed' }
const AGAIN: Words<string> = { zh: '用支付宝再试一次', en: 'Try again' }

/** Trying again with the same account would fail in the same way. */
const POINTLESS_TO_REPEAT: readonly string[] = [
  'social_bind',
  'user_register',
  'mfa_auth',
  'access_denied',
  'no_user',
] satisfies FailureCode[]
const ANOTHER: Words<string> = { zh: '换一个支付宝账号', en: 'Another account' }

/** The text for a failure code; undefined for anything else. */
export function failureTextFor(code: unknown, language: keyof Words<unknown>): Failure | undefined {
  if (typeof code !== 'string') return undefined
  const what = failureMessage(code, language)
  const again = POINTLESS_TO_REPEAT.includes(code) ? ANOTHER : AGAIN
  return what === undefined ? undefined : { title: TITLE[language], what, again: again[language] }
}
