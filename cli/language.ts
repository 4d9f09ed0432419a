import type { Language } from '../lib/messages.js'

/**
 * The language of a command: `--language`, or else the locale. Of the locale's variables, the first
 * that is set counts, as everywhere in POSIX.
 */
export function commandLanguage(
  option: string | undefined,
  env: Record<string, string | undefined>,
): Language {
  if (option === 'en' || option === 'zh') return option
  if (option !== undefined) throw new TypeError(`--language ${option} is neither zh nor en`)
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^zh(?:[_.@-]|$)/i.test(locale) ? 'zh' : 'en'
}
