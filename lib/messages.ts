/** The languages of the messages for users: English and Simplified Chinese. */
export type Language = 'en' | 'zh'

type Words = Readonly<Record<Language, string>>

/** Why a login failed: the values of `info.code`. The README lists them too. */
export type FailureCode =
  /** The user refused at Alipay. */
  | 'declined'
  /** On a phone, outside Alipay's app: `info.link` starts the login there. */
  | 'open_in_alipay'
  /** In WeChat, which does not open links to Alipay: the user has to start the login in another browser. */
  | 'open_in_browser'
  /** Alipay's callback, or the request of a native app, has no code. */
  | 'code_missing'
  /** A parameter is malformed. */
  | 'parameters_malformed'
  /** The callback has no `state`. */
  | 'state_missing'
  /** The `state` was not issued to this browser's session, or the login is not that of the user who is logged in. */
  | 'state_unknown'
  /** The user took too long. */
  | 'state_expired'
  /** The `state` has already been used. */
  | 'state_spent'
  /** The callback belongs to another Alipay app. */
  | 'app_id_mismatch'
  /** OneAccess refused the code. */
  | 'code_refused'
  /** A policy at OneAccess denies this user access. */
  | 'access_denied'
  /** The Alipay account must be linked to a user first. */
  | 'social_bind'
  /** The Alipay account must first be linked to a user, or registered as a new one. */
  | 'user_register'
  /** A second factor is needed. */
  | 'mfa_auth'
  /** OneAccess returned an undocumented status; see `info.status`. */
  | 'login_incomplete'
  /** The app's own `verify` gave no user. */
  | 'no_user'
  /** No challenge is open in this session: it has expired or is already finished. */
  | 'challenge_missing'
  /** Too many wrong codes. */
  | 'challenge_over'
  /** Too many wrong codes for one number or email address, in any browser; `info.retryAfter` says how long to wait. */
  | 'contact_blocked'
  /** The code is wrong or has expired; the challenge stays open for `info.triesLeft` more tries. */
  | 'verify_code_wrong'
  /** The code is malformed. */
  | 'verify_code_malformed'
  /** The mobile number or the email address is malformed. */
  | 'contact_malformed'

/** Messages for users whose login failed, by `info.code`. */
export const FAILURES: Readonly<Record<FailureCode, Words>> = {
  declined: {
    en: 'The login at Alipay was cancelled.',
    zh: '你在支付宝取消了登录。',
  },
  open_in_alipay: {
    en: 'Please continue in the Alipay app.',
    zh: '请在支付宝里继续登录。',
  },
  open_in_browser: {
    en: 'WeChat cannot open Alipay. Please open this page in another browser.',
    zh: '微信里打不开支付宝，请在浏览器里打开本页。',
  },
  code_missing: {
    en: 'Alipay did not confirm the login. Please try again.',
    zh: '支付宝没有确认这次登录，请重试。',
  },
  parameters_malformed: {
    en: 'The request is malformed.',
    zh: '请求格式有误。',
  },
  state_missing: {
    en: 'This login was not started here. Please log in again.',
    zh: '这次登录不是从本站发起的，请重新登录。',
  },
  state_unknown: {
    en: 'This login is not in progress in this browser: it was started in another browser, or it finished but the response never arrived. Please log in again.',
    zh: '当前浏览器中没有这次登录：它可能是在其他浏览器中发起的，也可能已经完成，但浏览器没有收到结果。请重新登录。',
  },
  state_expired: {
    en: 'The login took too long. Please log in again.',
    zh: '登录超时，请重新登录。',
  },
  state_spent: {
    en: 'This login has already been completed. Please log in again.',
    zh: '这次登录已经完成，请重新登录。',
  },
  app_id_mismatch: {
    en: 'This login belongs to another app. Please log in again.',
    zh: '这次登录属于另一个应用，请重新登录。',
  },
  code_refused: {
    en: 'The confirmation from Alipay is no longer valid. Please log in again.',
    zh: '支付宝授权已失效，请重新登录。',
  },
  access_denied: {
    en: 'This account is not allowed to log in here.',
    zh: '这个账号不能在这里登录。',
  },
  social_bind: {
    en: 'This Alipay account is not linked to a user yet.',
    zh: '这个支付宝账号还没有绑定本站账号。',
  },
  user_register: {
    en: 'This Alipay account is not linked to a user yet.',
    zh: '这个支付宝账号还没有绑定本站账号。',
  },
  mfa_auth: {
    en: 'One more step is needed to log in.',
    zh: '登录还需要完成一步验证。',
  },
  login_incomplete: {
    en: 'The login could not be completed.',
    zh: '登录未能完成。',
  },
  no_user: {
    en: 'This account is not allowed to log in here.',
    zh: '这个账号不能在这里登录。',
  },
  challenge_missing: {
    en: 'This step has expired or is already finished. Please log in again.',
    zh: '这一步已超时或已完成，请重新登录。',
  },
  challenge_over: {
    en: 'Too many wrong codes. Please log in again.',
    zh: '验证码错误次数过多，请重新登录。',
  },
  contact_blocked: {
    en: 'Too many wrong codes for this number or email address. Please wait an hour, then log in again.',
    zh: '该手机号或邮箱的验证码错误次数过多，请一小时后重新登录。',
  },
  verify_code_wrong: {
    en: 'The code is wrong or has expired.',
    zh: '验证码错误或已过期。',
  },
  verify_code_malformed: {
    en: 'Please enter the code exactly as you received it.',
    zh: '请按收到的内容填写验证码。',
  },
  contact_malformed: {
    en: 'Please check the mobile number or the email address.',
    zh: '请检查手机号或邮箱。',
  },
}

/** Messages for users who met an error; they reveal nothing about the app. */
const ERRORS = {
  puzzle_refused: {
    en: 'The puzzle was not solved. Please try again.',
    zh: '拼图没有对准，请重试。',
  },
  code_not_sent: {
    en: 'The code could not be sent. Please try again in a minute.',
    zh: '验证码发送失败，请一分钟后再试。',
  },
  log_in: { en: 'Please log in again.', zh: '请重新登录。' },
  check: {
    en: 'Please check what you entered and try again.',
    zh: '请检查填写的内容后重试。',
  },
  later: {
    en: 'Login is unavailable right now. Please try again later.',
    zh: '现在无法登录，请稍后再试。',
  },
} satisfies Record<string, Words>

/**
 * The message for a user whose login failed with this code; undefined for an unknown code. For apps
 * that look up messages themselves; `info.message` already holds it.
 *
 * @example
 * res.render('login', { why: failureMessage(String(req.query.failed), 'zh') })
 */
export function failureMessage(code: FailureCode, language: Language): string
export function failureMessage(code: string, language: Language): string | undefined
export function failureMessage(code: string, language: Language): string | undefined {
  return Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureCode][language] : undefined
}

/**
 * The message for a user who met this error. For apps that look up messages themselves;
 * `publicMessage` already holds it.
 *
 * @example
 * oneaccess.challenge(req).catch((error) => res.send(errorMessage(error, 'zh')))
 */
export function errorMessage(error: { code: string; status: number }, language: Language): string {
  const { code, status } = error
  if (code === 'puzzle_refused' || code === 'code_not_sent') return ERRORS[code][language]
  if (status === 401) return ERRORS.log_in[language]
  return (status < 500 ? ERRORS.check : ERRORS.later)[language]
}

/**
 * Which of the two languages an `Accept-Language` header prefers; English if it names neither.
 *
 * @example
 * const language = languageOf(req.get('accept-language') ?? '')
 */
export function languageOf(acceptLanguage: string): Language {
  let best: { language: Language; weight: number } = { language: 'en', weight: 0 }
  for (const part of acceptLanguage.slice(0, 500).split(',')) {
    const [, language, weight = '1'] =
      /^\s*(en|zh)(?:-[\w-]+)?\s*(?:;\s*q=([\d.]+)\s*)?$/i.exec(part) ?? []
    if (language === undefined || !(Number(weight) > best.weight)) continue
    best = { language: language.toLowerCase() as Language, weight: Number(weight) }
  }
  return best.language
}
