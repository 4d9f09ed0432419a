import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { inRepository } from '../package/installed.js'
import {
  allPages,
  anchorOf,
  type Link,
  linksOf,
  type Page,
  pageAt,
  sectionsOf,
} from './markdown.js'
import { PAIRS } from './pairs.js'

const OUTSIDE = 'test/docs/outside-links.txt'
const english = new Map(PAIRS.map(([theirs, ours]) => [ours, theirs]))
const chinese = new Map(PAIRS)

describe('the links of the documentation', () => {
  for (const page of allPages()) {
    it(`point to existing files and headings: ${page.path}`, () => {
      expect(insideLinksOf(page).filter((link) => !isThere(page, link))).to.deep.equal([])
    })
  }

  for (const [theirs, ours] of PAIRS) {
    it(`in ${ours} point to Chinese pages, or are marked as English`, () => {
      const page = pageAt(ours)
      const wrong = insideLinksOf(page).filter((link) => {
        const to = targetOf(page, link)
        if (to === theirs) return false
        if (chinese.has(to)) return true
        return to.endsWith('.md') && !english.has(to) && !link.behind.startsWith('（英文）')
      })
      expect(wrong).to.deep.equal([])
    })

    it(`in ${theirs} point to English pages`, () => {
      const page = pageAt(theirs)
      const wrong = insideLinksOf(page)
        .map((link) => targetOf(page, link))
        .filter((to) => english.has(to) && to !== ours)
      expect(wrong).to.deep.equal([])
    })
  }

  it(`to other sites are exactly those that ${OUTSIDE} lists`, () => {
    const found = new Set(allPages().flatMap(outsideLinksOf))
    const listed = readFileSync(inRepository(OUTSIDE), 'utf8').split('\n')
    expect([...found].sort()).to.deep.equal(listed.filter((line) => line.startsWith('http')))
  })
})

function insideLinksOf(page: Page): Link[] {
  return linksOf(page).filter(({ to }) => !/^https?:/.test(to))
}

function outsideLinksOf(page: Page): string[] {
  return linksOf(page).flatMap(({ to }) => (/^https?:/.test(to) ? [to] : []))
}

/** The path of a link's target, from the repository's root. */
function targetOf({ path }: Page, { to }: Link): string {
  const [file = ''] = to.split('#')
  return file === '' ? path : join(dirname(path), file)
}

function isThere(page: Page, link: Link): boolean {
  if (link.to === '') return false
  const target = targetOf(page, link)
  if (!existsSync(inRepository(target))) return false
  const [, anchor] = link.to.split('#')
  if (anchor === undefined) return true
  return sectionsOf(pageAt(target)).some(({ title }) => anchorOf(title) === anchor)
}
