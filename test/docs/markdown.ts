import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRepository } from '../package/installed.js'

/** A page of the documentation. */
export interface Page {
  /** Its path from the repository's root. */
  path: string
  text: string
}

/** Every page that a person is meant to read. */
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

/** A heading, and what stands below it up to the next one. */
export interface Section {
  level: number
  title: string
  prose: string
}

export function sectionsOf({ text }: Page): Section[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '')
  return prose
    .split(/^(?=#{1,6} )/m)
    .filter((part) => part.startsWith('#'))
    .map((part) => {
      const [, hashes = '', title = ''] = /^(#+) (.*)/.exec(part) ?? []
      return { level: hashes.length, title, prose: part.slice(part.indexOf('\n') + 1) }
    })
}

/** What a page calls by its name, in backticks. */
export function namesIn(prose: string): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)
}

/** The fragment by which GitHub lets a heading be linked to. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}
