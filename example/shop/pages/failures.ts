import { type FailureCode, failureMessage } from 'passport-oneaccess-alipay'
import type { Language, Words } from '../language.js'

/** Why a login failed, in words for the user: what happened, and what they can do. */
export interface Failure {
  title: string
  what: string
  /** The label of the button that starts again. */
  again: string
  /** The user chose this: no warning mark. */
  isCalm: boolean
}

type Text = Words<[title: string, what: string]>

const NOT_ALLOWED: Text = {
  zh: ['这个账号不能在这里登录', '请换一个支付宝账号，或者联系店家。'],
  en: ['This account cannot log in here', 'Use another Alipay account, or contact the shop.'],
}

const NOT_LINKED: Text = {
  zh: ['还没有绑定本店账号', '请换一个已绑定的支付宝账号，或者联系店家绑定。'],
  en: [
    'Not linked to an account yet',
    'Use an Alipay account that is linked, or ask the shop to link this one.',
  ],
}

const NOT_OURS: Text = {
  zh: ['请从本店重新登录', '打开的链接不完整，或者不是本店发出的。'],
  en: ['Please start the login here', 'The link was incomplete, or did not come from this shop.'],
}

const texts: Partial<Record<FailureCode, Text>> = {
  declined: {
    zh: ['你取消了登录', '本店没有获取你的任何信息。想登录时，随时再来。'],
    en: [
      'You cancelled the login',
      'The shop has received nothing about you. You can log in at any time.',
    ],
  },
  code_missing: {
    zh: ['支付宝没有确认登录', '你可能在支付宝里取消了授权。想登录时，随时再来。'],
    en: [
      'Alipay did not confirm the login',
      'You may have cancelled it there. You can log in at any time.',
    ],
  },
  parameters_malformed: NOT_OURS,
  state_missing: NOT_OURS,
  state_unknown: {
    zh: [
      '找不到这次登录',
      '它可能在其他浏览器中，也可能已经完成。如果反复出现，请允许本站使用 Cookie。',
    ],
    en: [
      'We cannot find this login',
      'It may belong to another browser, or it is already finished. If you see this again, please allow cookies for this site.',
    ],
  },
  state_expired: {
    zh: ['登录超时了', '登录需要在十分钟内完成，请重新登录。'],
    en: ['The login took too long', 'A login expires after ten minutes. Please log in again.'],
  },
  state_spent: {
    zh: ['这次登录已经用过了', '每次授权只能使用一次，请重新登录。'],
    en: [
      'This login has already been used',
      'Each confirmation works only once. Please log in again.',
    ],
  },
  app_id_mismatch: {
    zh: ['这次登录不属于本店', '它是为另一个应用发起的，请在这里重新登录。'],
    en: [
      'This login is not for this shop',
      'It was started for another app. Please log in here again.',
    ],
  },
  code_refused: {
    zh: ['支付宝授权已失效', '授权的有效时间很短，请重新登录。'],
    en: [
      'Alipay’s confirmation has expired',
      'It is valid only for a short time. Please log in again.',
    ],
  },
  access_denied: NOT_ALLOWED,
  no_user: NOT_ALLOWED,
  social_bind: NOT_LINKED,
  user_register: NOT_LINKED,
  mfa_auth: {
    zh: ['无法确认是你本人', '你的账号没有可以接收验证码的手机号，请联系店家。'],
    en: [
      'We cannot confirm that it is you',
      'Your account has no phone number to send a code to. Please contact the shop.',
    ],
  },
  challenge_missing: {
    zh: ['这一步已经失效', '它可能已经超时，也可能已经完成，请重新登录。'],
    en: ['This step is over', 'It has expired or is already finished. Please log in again.'],
  },
  challenge_over: {
    zh: ['验证码错误次数过多', '为了账号安全，这次登录已经结束，请重新登录。'],
    en: ['Too many wrong codes', 'For your safety, this login has ended. Please log in again.'],
  },
  contact_blocked: {
    zh: ['请一小时后再试', '这个手机号或邮箱的验证码错误次数过多。为了账号安全，暂时不能验证。'],
    en: [
      'Please wait an hour',
      'There were too many wrong codes for this number or email address. To keep the account safe, it cannot be verified for now.',
    ],
  },
  login_incomplete: {
    zh: ['登录没有完成', '登录服务要求的步骤，本店还不支持，请联系店家。'],
    en: [
      'The login was not completed',
      'The login service requires a step that this shop does not support. Please contact the shop.',
    ],
  },
}

const AGAIN: Words<string> = { zh: '用支付宝再试一次', en: 'Try again' }
const ANOTHER: Words<string> = { zh: '换一个支付宝账号', en: 'Another account' }
/** Trying again with the same account would fail in the same way. */
const POINTLESS_TO_REPEAT: readonly unknown[] = [
  NOT_ALLOWED,
  NOT_LINKED,
  texts.mfa_auth,
  texts.contact_blocked,
]

/** The text for a failure code; undefined for anything else. */
export function failureTextFor(code: unknown, language: Language): Failure | undefined {
  const message = typeof code === 'string' ? failureMessage(code, language) : undefined
  if (message === undefined) return undefined
  const text = texts[code as FailureCode]
  const [title, what] = text?.[language] ?? [texts.login_incomplete?.[language][0] ?? '', message]
  const again = (POINTLESS_TO_REPEAT.includes(text) ? ANOTHER : AGAIN)[language]
  return { title, what, again, isCalm: code === 'declined' || code === 'code_missing' }
}
