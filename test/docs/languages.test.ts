import { readdirSync, readFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { expect } from 'chai'
import { inRepository } from '../package/installed.js'
import {
  type CodeBlock,
  codeBlocksOf,
  namesIn,
  type Page,
  pageAt,
  proseOf,
  sectionsOf,
} from './markdown.js'
import { PAIRS } from './pairs.js'

/** Pages for contributors, and generated pages. */
const ENGLISH_ONLY = ['api.md', 'faults.md', 'mutation.md']

it('every page in docs for users exists in Chinese too', () => {
  const pages = readdirSync(inRepository('docs')).filter((name) => name.endsWith('.md'))
  const translated = new Set(PAIRS.map(([theirs]) => theirs))
  expect(pages.filter((name) => !translated.has(`docs/${name}`))).to.deep.equal(ENGLISH_ONLY)
})

for (const [theirs, ours] of PAIRS) {
  describe(ours, () => {
    const english = pageAt(theirs)
    const chinese = pageAt(ours)

    it('has the same code blocks as the English page', () => {
      expect(codeBlocksOf(chinese).map(withoutLabels)).to.deep.equal(
        codeBlocksOf(english).map(withoutLabels),
      )
    })

    it('has the same heading levels as the English page', () => {
      const levels = (page: Page) => sectionsOf(page).map(({ level }) => level)
      expect(levels(chinese)).to.deep.equal(levels(english))
    })

    it('has the same names in backticks in each section', () => {
      const sections = sectionsOf(chinese)
      for (const [n, { title, prose }] of sectionsOf(english).entries()) {
        const sorted = (text: string) => [...new Set(namesIn(text))].sort()
        expect(sorted(sections[n]?.prose ?? ''), title).to.deep.equal(sorted(prose))
      }
    })

    it('has tables with the same rows and columns', () => {
      const rows = (text: string) => text.match(/^\|.*\|$/gm)?.map((row) => row.split(' | ').length)
      const sections = sectionsOf(chinese)
      for (const [n, { title, prose }] of sectionsOf(english).entries()) {
        expect(rows(sections[n]?.prose ?? ''), title).to.deep.equal(rows(prose))
      }
    })

    it('links to the English page, and that one to it', () => {
      const link = (from: string, to: string) => `](${relative(dirname(from), to)})`
      const top = ({ text }: Page) => text.split('\n').slice(0, 4).join('\n')
      expect(top(english)).to.include(link(theirs, ours))
      expect(top(chinese)).to.include(link(ours, theirs))
    })

    it('has full-width punctuation', () => {
      const lines = proseOf(chinese)
        .replace(/`[^`\n]*`/g, '`')
        .replace(/\]\([^)\s]*\)/g, ']')
      const halfWidth =
        /[\p{Script=Han}`][,:;!?]|[,:;!?][\p{Script=Han}`]|\p{Script=Han}[()."']|[()"']\p{Script=Han}/u
      const listed = /`, `/
      expect(
        lines.split('\n').filter((line) => halfWidth.test(line) || listed.test(line)),
      ).to.deep.equal([])
    })

    it('has bold text that Markdown renders as bold', () => {
      expect(proseOf(chinese).split('\n').filter(hasBrokenBold)).to.deep.equal([])
    })

    it('has no line break within a paragraph, which would render as a space', () => {
      const broken = /[\p{Script=Han}，、；：。”）]\n {0,2}(?![-|#>\s]|\d+\. |\[\w+\]:)\S.*/gu
      expect(proseOf(chinese).match(broken) ?? []).to.deep.equal([])
    })
  })
}

/**
 * Markdown renders `**` between a Chinese character and punctuation as two asterisks if the punctuation
 * is inside.
 */
function hasBrokenBold(line: string): boolean {
  const parts = line.replace(/`[^`]*`/g, '`').split('**')
  const open = /[\p{L}\p{N}]$/u
  const inner = /^[\p{P}\p{S}]/u
  return parts.some((part, n) => {
    if (n % 2 === 0) return false
    const [before = '', after = ''] = [parts[n - 1], parts[n + 1]]
    const last = [...part].at(-1) ?? ''
    return (
      (open.test(before) && inner.test(part)) || (inner.test(last) && /^[\p{L}\p{N}]/u.test(after))
    )
  })
}

/** Diagrams must have the same arrows; the labels may be translated. */
function withoutLabels({ language, code }: CodeBlock): CodeBlock {
  if (language !== 'mermaid') return { language, code }
  return {
    language,
    code: code.replace(/^( *(?:par|and|participant \w+ as|[^:\n]*:) ).*$/gm, '$1'),
  }
}

describe('the Chinese texts of the programs', () => {
  it('have full-width punctuation', () => {
    const halfWidth = /\p{Script=Han}[,;:!?(]|[,;:!?)]\p{Script=Han}/u
    const files = ['lib', 'cli', 'simulator', 'example'].flatMap((folder) =>
      readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|js|html)$/.test(name))
        .map((name) => `${folder}/${name}`),
    )
    const wrong = files.flatMap((file) =>
      readFileSync(inRepository(file), 'utf8')
        .split('\n')
        .filter((line) => halfWidth.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
    expect(files.length).to.be.above(200)
    expect(wrong).to.deep.equal([])
  })
})
