import { expect } from 'chai'
import { codeBlocksOf, namesIn, pageAt, sectionsOf } from './markdown.js'

describe('README.zh-CN.md', () => {
  const english = pageAt('README.md')
  const chinese = pageAt('README.zh-CN.md')

  it('has the same code, to the letter', () => {
    expect(codeBlocksOf(chinese)).to.deep.equal(codeBlocksOf(english))
  })

  it('has a heading for each of the English ones', () => {
    const levels = (page: typeof english) => sectionsOf(page).map(({ level }) => level)
    expect(levels(chinese)).to.deep.equal(levels(english))
  })

  it('names in each section what the English one names', () => {
    const theirs = sectionsOf(chinese)
    for (const [n, { title, prose }] of sectionsOf(english).entries()) {
      const sorted = (text: string) => [...new Set(namesIn(text))].sort()
      expect(sorted(theirs[n]?.prose ?? ''), title).to.deep.equal(sorted(prose))
    }
  })

  it('has the same tables, row for row', () => {
    const rows = (text: string) => text.match(/^\|.*\|$/gm)?.map((row) => row.split(' | ').length)
    for (const [n, { title, prose }] of sectionsOf(english).entries()) {
      expect(rows(sectionsOf(chinese)[n]?.prose ?? ''), title).to.deep.equal(rows(prose))
    }
  })
})
