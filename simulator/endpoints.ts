/** The names by which calls are counted and listed, and faults are set. */
export const endpoints = [
  'authorize',
  'login',
  'login-miniprogram',
  'credential',
  'ticket',
  'verify',
  'refresh-id-token',
  'refresh-session-token',
  'refresh-signed-id-token',
  'jwks',
  'captcha',
  'captcha-verify',
  'sms-send',
  'social-bind',
  'register-bind',
  'mobile-by-token',
  'mfa-sms',
  'public-key',
  'server-date',
  'logout',
  'web-logout',
] as const

export type Endpoint = (typeof endpoints)[number]
