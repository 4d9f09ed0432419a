import type { Language } from '../lib/messages.js'

/**
 * The language of a command: `--language`, or else the locale. Of the locale's variables, the first
 * that is set counts, as everywhere in POSIX. Windows sets none: there the system's language counts.
 */
export function commandLanguage(
  option: string | undefined,
  env: Record<string, string | undefined>,
  system = new Intl.DateTimeFormat().resolvedOptions().locale,
): Language {
  if (option === 'en' || option === 'zh') return option
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || system
  const language = /^zh(?:[_.@-]|$)/i.test(locale) ? 'zh' : 'en'
  if (option === undefined) return language
  const says = {
    en: `--language ${option} is neither zh nor en`,
    zh: `--language 的值只能是 zh 或 en，不能是 ${option}`,
  }
  throw new TypeError(says[language])
}
