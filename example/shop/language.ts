import type { CookieOptions, Request, RequestHandler } from 'express'

/** The languages of the shop. */
export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]

/** One text in each language. */
export type Words<T> = Record<Language, T>

/** The operator's language, from the locale of their terminal; without one, as on Windows, the system's. */
export function terminalLanguage(env: NodeJS.ProcessEnv): Language {
  const system = new Intl.DateTimeFormat().resolvedOptions().locale
  return /^zh(?:[_.@-]|$)/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || system) ? 'zh' : 'en'
}

const COOKIE = 'language'
const A_YEAR = 365 * 24 * 60 * 60 * 1000

/**
 * The language that the user chose; otherwise the one that the browser asks for; otherwise Chinese.
 */
export function languageOf(req: Request): Language {
  const chosen = /(?:^|;\s*)language=(zh|en)(?:;|$)/.exec(req.headers.cookie ?? '')?.[1]
  return asLanguage(chosen) ?? asLanguage(req.acceptsLanguages([...languages])) ?? 'zh'
}

/**
 * Keeps the choice of `?language=en` in its own cookie, so that no session is needed, and redirects
 * to the same page without the parameter.
 */
export function rememberLanguage(cookie: CookieOptions): RequestHandler {
  return (req, res, next) => {
    res.vary('Accept-Language, Cookie')
    const { language, ...rest } = req.query
    const chosen = req.method === 'GET' ? asLanguage(language) : undefined
    if (chosen === undefined) {
      next()
      return
    }
    const kept = Object.entries(rest).filter((entry) => typeof entry[1] === 'string')
    const query = new URLSearchParams(kept as [string, string][]).toString()
    res.cookie(COOKIE, chosen, { ...cookie, maxAge: A_YEAR })
    const path = ownPath(req.path)
    res.redirect(303, query === '' ? path : `${path}?${query}`)
  }
}

/** A path that is safe as a link: one that begins with two slashes would lead to another host. */
export function ownPath(path: string): string {
  return path.replace(/^[/\\]+/, '/')
}

function asLanguage(value: unknown): Language | undefined {
  return languages.find((one) => one === value)
}
