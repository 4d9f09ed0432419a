import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { inRepository, run } from '../package/installed.js'
import { compileBlocks, GENERATED } from './blocks.js'
import { namesIn, pageAt, sectionsOf } from './markdown.js'

/** The string literals of a union type in a source file. */
async function unionIn(path: string, type: string): Promise<string[]> {
  const source = await readFile(inRepository(path), 'utf8')
  const [, members = ''] =
    new RegExp(`^export type ${type} =([\\s\\S]*?)\\n\\n`, 'm').exec(source) ?? []
  const found = [...members.matchAll(/^ +\| '(\w+)'/gm)].map(([, name = '']) => name)
  if (found.length === 0) throw new Error(`${path} has no union ${type}`)
  return found
}

describe('the documentation', function () {
  this.timeout(60_000)

  it('contains only TypeScript that compiles', async () => {
    const { code, stdout, count } = await compileBlocks()
    expect(code, stdout).to.equal(0)
    expect(count).to.be.greaterThan(8)
  })

  it('has an up-to-date API reference', async () => {
    const args = [inRepository('scripts/api.js'), '--print']
    const { stdout, stderr } = await run(inRepository('.'), process.execPath, args)
    expect(stderr).to.equal('')
    expect(stdout === pageAt(GENERATED).text, 'docs/api.md is old: npm run docs').to.equal(true)
  })

  for (const [path, type] of [
    ['lib/errors.ts', 'OneAccessErrorCode'],
    ['lib/messages.ts', 'FailureCode'],
  ] as const) {
    it(`explains every ${type} in docs/troubleshooting.md and lists it in both READMEs`, async () => {
      const codes = await unionIn(path, type)
      const titles = sectionsOf(pageAt('docs/troubleshooting.md')).map(({ title }) => title)
      expect(titles).to.include.members(codes)
      for (const readme of ['README.md', 'README.zh-CN.md']) {
        const names = new Set(namesIn(pageAt(readme).text))
        expect(
          codes.filter((code) => !names.has(code)),
          readme,
        ).to.deep.equal([])
      }
    })
  }

  it('explains in docs/troubleshooting.md every step of an error, and every Redis error that has a hint', async () => {
    const errors = await readFile(inRepository('lib/errors.ts'), 'utf8')
    const [union = ''] = /^export type Step =[\s\S]*?\n\n/m.exec(errors) ?? []
    const steps = [...union.matchAll(/'([\w-]+)'/g)].map(([, name]) => name)
    const store = await readFile(inRepository('lib/tokens/store-errors.ts'), 'utf8')
    const [hints = ''] = /^const HINTS[\s\S]*?^}/m.exec(store) ?? []
    const codes = [...hints.matchAll(/^ {2}([A-Z]+):/gm)].map(([, name]) => name)
    expect([steps.length, codes.length].every((count) => count > 10)).to.equal(true)
    for (const page of ['docs/troubleshooting.md', 'docs/zh/troubleshooting.md']) {
      const rows = pageAt(page).text.match(/^\| `.*?(?= \|)/gm) ?? []
      expect(rows.flatMap(namesIn), page).to.include.members([...steps, ...codes])
    }
  })

  it('lists exactly the options of the strategy in the README', async () => {
    const source = await readFile(inRepository('lib/options.ts'), 'utf8')
    const [, body = ''] = /^export interface StrategyOptions \{([\s\S]*?)^\}/m.exec(source) ?? []
    const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
    const section = sectionsOf(pageAt('README.md')).find(({ title }) => title === 'Options')
    const rows = section?.prose.match(/^\| `.*?(?= \|)/gm) ?? []
    expect(rows.flatMap(namesIn)).to.have.members(options)
  })
})
