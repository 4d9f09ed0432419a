import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { inRepository } from '../package/installed.js'
import { GLOSSARY } from './glossary.js'
import { pageAt, proseOf } from './markdown.js'
import { PAIRS } from './pairs.js'

/** A line with Chinese text, and its file. */
type Line = readonly [place: string, text: string]

const CHINESE = /\p{Script=Han}/u

const lines: Line[] = [
  ...PAIRS.flatMap(([, ours]) => linesOf(ours, proseOf(pageAt(ours)))),
  ...programs().flatMap((file) => linesOf(file, readFileSync(inRepository(file), 'utf8'))),
]

describe('the Chinese terms of pages, commands, messages and the simulator', () => {
  for (const [thing, word, not] of GLOSSARY) {
    it(`have one word per term: ${thing} is ${word}`, () => {
      const wrong = lines.filter(([, text]) => not.test(text))
      expect(wrong.map(([place, text]) => `${place}: ${text.trim()}`)).to.deep.equal([])
    })
  }

  it('are collected from the pages, lib, cli and simulator', () => {
    const places = new Set(lines.map(([place]) => place.split('/')[0]))
    expect(places).to.include.all.keys('README.zh-CN.md', 'docs', 'lib', 'cli', 'simulator')
  })
})

function linesOf(place: string, text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => CHINESE.test(line))
    .map((line) => [place, line] as const)
}

function programs(): string[] {
  return ['lib', 'cli', 'simulator', 'example'].flatMap((folder) =>
    readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js|html)$/.test(name))
      .map((name) => `${folder}/${name}`),
  )
}
