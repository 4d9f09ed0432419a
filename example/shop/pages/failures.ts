import type { FailureCode } from 'passport-oneaccess-alipay'
import type { Words } from '../language.js'

/** Why a login failed, for the person: what happened, and what they can do. */
export interface Failure {
  title: string
  what: string
  /** What the button says that begins anew. */
  again: string
}

/** A failure in both languages: title, what, and the button. */
type Texts = Words<[title: string, what: string, again?: string]>

const AGAIN: Words<string> = { zh: '用支付宝再试一次', en: 'Try again with Alipay' }

const NOT_LINKED: Texts = {
  zh: [
    '这个支付宝账号还没有绑定',
    '它还没有和本店的账户关联。请先请店家为你开通，或换一个已经绑定的支付宝账号。',
    '换一个支付宝账号',
  ],
  en: [
    'This Alipay account is not linked yet',
    'It does not belong to an account of this shop so far. Ask the shop to link it, or use an Alipay account that is linked already.',
    'Use another Alipay account',
  ],
}

const NOT_ALLOWED: Texts = {
  zh: [
    '这个账号不能在这里登录',
    '管理员没有允许它访问本店。如果你觉得不对，请联系店家。',
    '换一个支付宝账号',
  ],
  en: [
    'This account may not log in here',
    'An administrator has not allowed it. If that looks wrong to you, please ask the shop.',
    'Use another Alipay account',
  ],
}

const texts: Record<FailureCode, Texts> = {
  declined: {
    zh: ['你取消了登录', '你在支付宝选择了不授权，我们没有收到你的任何信息。'],
    en: ['You cancelled the login', 'You refused at Alipay. We received nothing about you.'],
  },
  open_in_alipay: {
    zh: ['请在支付宝里继续', '手机浏览器里不能用支付宝登录，请在支付宝里打开本店。'],
    en: [
      'Please continue in Alipay',
      'A phone’s browser cannot log in with Alipay. Please open this shop in the Alipay app.',
    ],
  },
  open_in_browser: {
    zh: ['请在浏览器里打开', '微信里打不开支付宝。换到浏览器，就可以用支付宝登录。'],
    en: ['Please open this in a browser', 'WeChat cannot open Alipay. A browser can.'],
  },
  code_missing: {
    zh: ['登录没有完成', '支付宝没有确认这次登录。也许你选择了不授权，或者关闭了页面。'],
    en: [
      'The login was not completed',
      'Alipay did not confirm it. Perhaps you refused, or closed the page.',
    ],
  },
  parameters_malformed: {
    zh: ['这个链接不完整', '带你回来的地址和支付宝给出的不一样。请从这里重新登录。'],
    en: [
      'This link is damaged',
      'The address that brought you here is not as Alipay makes it. Please start again from here.',
    ],
  },
  state_missing: {
    zh: ['这次登录不是从本店开始的', '为了你的安全，我们没有接受它。请从这里重新登录。'],
    en: [
      'This login did not start here',
      'To keep you safe we did not accept it. Please start again from here.',
    ],
  },
  state_unknown: {
    zh: [
      '我们不认识这次登录',
      '也许你从支付宝回来时换了浏览器，或者登录结果在网络上丢失了，或者之后退出过。请在这个浏览器里重新登录。',
    ],
    en: [
      'We do not know this login',
      'Perhaps you came back from Alipay in another browser, our answer was lost on the way, or you have logged out since. Please log in again in this one.',
    ],
  },
  state_expired: {
    zh: ['登录超时了', '从开始到现在太久了。没关系，重新来一次就好。'],
    en: ['The login took too long', 'Too much time has passed since you began. Just start again.'],
  },
  state_spent: {
    zh: ['这次登录已经用过了', '每次登录只能使用一次。请重新登录。'],
    en: ['This login was used already', 'Each login works once. Please log in again.'],
  },
  app_id_mismatch: {
    zh: ['这次确认属于另一个应用', '支付宝确认的不是本店的登录。请重新登录。'],
    en: [
      'That confirmation was for another app',
      'Alipay confirmed a login that is not this shop’s. Please log in again.',
    ],
  },
  code_refused: {
    zh: ['支付宝的确认已经失效', '它只在几分钟内有效，而且只能用一次。请重新登录。'],
    en: [
      'The confirmation from Alipay is no longer valid',
      'It lives for minutes and works once. Please log in again.',
    ],
  },
  access_denied: NOT_ALLOWED,
  no_user: NOT_ALLOWED,
  social_bind: NOT_LINKED,
  user_register: NOT_LINKED,
  mfa_auth: {
    zh: [
      '短信验证没能进行',
      '这个账号要用短信再确认一次，但是认证服务没有可用的手机号。请联系店家，或换一个账号。',
      '换一个支付宝账号',
    ],
    en: [
      'The check by text message was not possible',
      'This account wants one, but the identity service has no number for it. Please ask the shop, or use another account.',
      'Use another Alipay account',
    ],
  },
  login_incomplete: {
    zh: ['登录没有完成', '认证服务需要一个我们不认识的步骤。请稍后再试，或联系店家。'],
    en: [
      'The login could not be completed',
      'The identity service asks for a step that we do not know. Try later, or ask the shop.',
    ],
  },
  challenge_missing: {
    zh: ['这一步已经过期', '验证要在十分钟内、在同一个浏览器里完成。请重新登录。'],
    en: [
      'This step is over',
      'It must be done within ten minutes, in the same browser. Please log in again.',
    ],
  },
  contact_blocked: {
    zh: ['验证码错误次数太多', '为了保护这个号码或邮箱，请一小时后再重新登录。'],
    en: [
      'Too many wrong codes',
      'To protect this number or email, please wait an hour, then log in again.',
    ],
  },
  challenge_over: {
    zh: ['验证码错误次数太多', '为了你的安全，这次登录已经结束。请重新登录。'],
    en: ['Too many wrong codes', 'To keep you safe this login has ended. Please log in again.'],
  },
  verify_code_wrong: {
    zh: ['验证码不对', '它可能写错了，或者已经过期。'],
    en: ['The code is wrong', 'It may be mistyped, or too old.'],
  },
  verify_code_malformed: {
    zh: ['验证码格式不对', '它由几位数字组成，请照短信里的填写。'],
    en: ['That is no code', 'It is a few digits; please type it as the message has it.'],
  },
  contact_malformed: {
    zh: ['手机号或邮箱格式不对', '请检查后再试。'],
    en: ['That is no mobile number or email address', 'Please check it and try again.'],
  },
}

/** What to tell about a code; undefined for what is none. */
export function failureOf(code: unknown, language: keyof Words<unknown>): Failure | undefined {
  if (typeof code !== 'string' || !Object.hasOwn(texts, code)) return undefined
  const [title, what, again = AGAIN[language]] = texts[code as FailureCode][language]
  return { title, what, again }
}
