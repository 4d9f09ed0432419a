import { readdirSync } from 'node:fs'
import { inRepository } from '../package/installed.js'

/** English pages that do not lie in `docs`, by the name of their Chinese page. */
const ELSEWHERE: Record<string, string> = { 'security.md': 'SECURITY.md' }

/** Each page that there is in both languages: the English one, and the Chinese one. */
export const PAIRS: (readonly [english: string, chinese: string])[] = [
  ['README.md', 'README.zh-CN.md'],
  ...readdirSync(inRepository('docs/zh')).map(
    (name) => [ELSEWHERE[name] ?? `docs/${name}`, `docs/zh/${name}`] as const,
  ),
]
