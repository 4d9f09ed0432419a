import { type FailureInfo, OneAccessError } from 'passport-oneaccess-alipay'
import type { Way } from './form.js'

/** What went wrong with a form; the page has a text for each code. */
export interface Problem {
  code:
    | 'mobile_malformed'
    | 'email_malformed'
    | 'consent_missing'
    | 'puzzle_refused'
    | 'code_not_sent'
    | 'too_early'
    | 'verify_code_wrong'
    | 'verify_code_malformed'
    | 'other_tab'
    | 'busy'
  /** Seconds to wait, or attempts left. */
  n?: number
  /** The HTTP status of the page. */
  status: number
  headers?: Record<string, string>
  /** For the operator. */
  cause?: OneAccessError
}

export const NO_CONSENT: Problem = { code: 'consent_missing', status: 400 }
export const OTHER_TAB: Problem = { code: 'other_tab', status: 409 }

export function tooEarly(seconds: number): Problem {
  const headers = { 'Retry-After': String(seconds) }
  return { code: 'too_early', n: seconds, status: 429, headers }
}

/** The problem, if the user can correct it; otherwise throws the error again. */
export function problemOf(error: unknown, way: Way = 'mobile'): Problem {
  if (!(error instanceof OneAccessError)) throw error
  const { code, status, headers = {} } = error
  if (status >= 500) return { code: 'busy', status, headers, cause: error }
  if (code === 'puzzle_refused' || code === 'code_not_sent') return { code, status }
  if (code === 'input_malformed') return { code: `${way}_malformed`, status }
  throw error
}

/** A code that was refused, and may be entered again. */
export function codeProblemOf(info: FailureInfo, status: number): Problem | undefined {
  const { code, triesLeft = 0 } = info
  if (code !== 'verify_code_wrong' && code !== 'verify_code_malformed') return undefined
  return { code, n: triesLeft, status }
}
