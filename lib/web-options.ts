import { optionError, secureURL } from './option-checks.js'

/** The parameters that Alipay adds to the callback URL. */
const ALIPAY_PARAMETERS = [
  'auth_code',
  'state',
  'app_id',
  'error',
  'error_code',
  'error_description',
]

/** Checks the URL of a callback route, an option of the strategy and of `authenticate()`. */
export function callbackOf(value: unknown): URL {
  const callback = secureURL(value, 'callbackURL')
  if (callback.hash !== '') throw optionError('callbackURL', 'must not have a #fragment')
  const taken = ALIPAY_PARAMETERS.find((name) => callback.searchParams.has(name))
  if (taken) throw optionError('callbackURL', `must not use ${taken}, which Alipay adds`)
  return callback
}

/** Checks the option `scope`, and joins it for Alipay's page. */
export function scopeOf(scope: unknown): string {
  const all = Array.isArray(scope) ? scope : [scope]
  if (
    all.length === 0 ||
    !all.every((one) => typeof one === 'string' && /^\w+(,\w+)*$/.test(one))
  ) {
    throw optionError('scope', 'must be a scope such as auth_user, or an array of them')
  }
  return all.join(',')
}
