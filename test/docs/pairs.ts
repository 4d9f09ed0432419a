import { readdirSync } from 'node:fs'
import { inRepository } from '../package/installed.js'

/** English pages outside `docs`, by the name of their Chinese page. */
const ELSEWHERE: Record<string, string> = { 'security.md': 'SECURITY.md' }

/** Each page that exists in both languages. */
export const PAIRS: (readonly [english: string, chinese: string])[] = [
  ['README.md', 'README.zh-CN.md'],
  ...readdirSync(inRepository('docs/zh')).map(
    (name) => [ELSEWHERE[name] ?? `docs/${name}`, `docs/zh/${name}`] as const,
  ),
]
