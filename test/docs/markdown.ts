import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRepository } from '../package/installed.js'

/** A page of the documentation. */
export interface Page {
  /** Its path from the repository's root. */
  path: string
  text: string
}

/** Every page of the documentation, in both languages. */
export function allPages(): Page[] {
  const markdown = (folder: string) =>
    readdirSync(inRepository(folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name))
  return [...markdown('.'), ...markdown('docs'), ...markdown('docs/zh')].map(pageAt)
}

export function pageAt(path: string): Page {
  return { path, text: readFileSync(inRepository(path), 'utf8') }
}

export interface CodeBlock {
  language: string
  code: string
}

export function codeBlocksOf({ text }: Page): CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** A heading with the text up to the next one. */
export interface Section {
  level: number
  title: string
  prose: string
}

/** A page without its code blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '')
}

export function sectionsOf(page: Page): Section[] {
  return proseOf(page)
    .split(/^(?=#{1,6} )/m)
    .filter((part) => part.startsWith('#'))
    .map((part) => {
      const [, hashes = '', title = ''] = /^(#+) (.*)/.exec(part) ?? []
      return { level: hashes.length, title, prose: part.slice(part.indexOf('\n') + 1) }
    })
}

/** The names in backticks. */
export function namesIn(prose: string): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)
}

/** The fragment of a heading on GitHub. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

/** An inline or reference link. */
export interface Link {
  /** The path or address as written. */
  to: string
  /** The rest of the line after the link. */
  behind: string
}

/** A reference that the page does not define has the target ''. */
export function linksOf(page: Page): Link[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, '`')
  const defined = new Map(
    [...prose.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, name = '', to = '']) => [name, to]),
  )
  return [...prose.matchAll(/\](?:\(([^)\s]+)\)|\[([^\]]+)\])/g)].map((found) => {
    const [whole, inPlace, reference = ''] = found
    const [behind = ''] = prose.slice(found.index + whole.length).split('\n', 1)
    return { to: inPlace ?? defined.get(reference) ?? '', behind }
  })
}
