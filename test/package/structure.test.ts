import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { inRepository } from './installed.js'

// Checks the rules of ARCHITECTURE.md.

/** The folders of lib/ from the top down; a file may import from its own layer and those below. */
const LAYERS = ['login', 'session', 'tokens', 'stores', 'oneaccess', 'transport', 'util']

const sourcesIn = (folder: string) =>
  readdirSync(inRepository(folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith('.ts'))

const importsOf = (path: string) => {
  const text = readFileSync(inRepository(path), 'utf8')
  return [...text.matchAll(/(?:from |import\(|import )'(\.[^']+)\.js'/g)].map(([, to = '']) =>
    normalize(join(dirname(path), `${to}.ts`)),
  )
}

const exportsIn = (text: string) => {
  const found = text.matchAll(/^export (?:async )?(?:class|interface|type|function|const) (\w+)/gm)
  return [...new Set([...found].map(([, name = '']) => name))] // overloads have one name
}

const layerOf = (path: string) => LAYERS.indexOf(path.split('/')[1] ?? '')

describe('the structure of the code', () => {
  const lib = sourcesIn('lib')

  it('imports within lib/ only from the same layer or lower ones', () => {
    const up = lib.flatMap((path) =>
      importsOf(path)
        .filter((to) => layerOf(path) >= 0 && layerOf(to) >= 0 && layerOf(to) < layerOf(path))
        .map((to) => `${path} imports ${to}`),
    )
    expect(up).to.deep.equal([])
  })

  it('has no import cycle', () => {
    const all = new Map([...lib, ...sourcesIn('simulator')].map((path) => [path, importsOf(path)]))
    const done = new Set<string>()
    const cycles: string[] = []
    const follow = (path: string, way: string[]) => {
      if (way.includes(path)) {
        cycles.push([...way.slice(way.indexOf(path)), path].join(' -> '))
        return
      }
      if (done.has(path)) return
      for (const to of all.get(path) ?? []) follow(to, [...way, path])
      done.add(path)
    }
    for (const path of all.keys()) follow(path, [])
    expect(cycles).to.deep.equal([])
  })

  it('imports nothing from lib/ in the simulator', () => {
    const shared = sourcesIn('simulator').filter((path) =>
      importsOf(path).some((to) => to.startsWith('lib')),
    )
    expect(shared).to.deep.equal([])
  })

  it('has no file with more than 300 lines', () => {
    const long = ['lib', 'simulator', 'cli', 'example']
      .flatMap(sourcesIn)
      .filter((path) => readFileSync(inRepository(path), 'utf8').split('\n').length > 301)
    expect(long).to.deep.equal([])
  })

  it('has no two exports of the same name in lib/', () => {
    const names = lib.flatMap((path) => {
      const text = readFileSync(inRepository(path), 'utf8')
      return exportsIn(text)
    })
    const twice = names.filter((name, n) => names.indexOf(name) !== n)
    expect(twice).to.deep.equal([])
  })

  it('has no export that no other file uses, except in the entry points', () => {
    const entryPoints = ['lib/index.ts', 'lib/redis.ts', 'lib/conformance.ts', 'simulator/index.ts']
    const own = [...lib, ...['simulator', 'cli', 'example'].flatMap(sourcesIn)]
    const words = new Map(
      [...own, ...['test', 'bench'].flatMap(sourcesIn)].map((path) => [
        path,
        new Set(readFileSync(inRepository(path), 'utf8').match(/\w+/g)),
      ]),
    )
    const isUsed = (name: string, by: string) =>
      [...words].some(([path, all]) => path !== by && all.has(name))
    const unused = own
      .filter((path) => !entryPoints.includes(path))
      .flatMap((path) =>
        exportsIn(readFileSync(inRepository(path), 'utf8'))
          .filter((name) => !isUsed(name, path))
          .map((name) => `${path}: ${name}`),
      )
    expect(unused).to.deep.equal([])
  })

  it('contains every path that ARCHITECTURE.md names', () => {
    const page = readFileSync(inRepository('ARCHITECTURE.md'), 'utf8')
    const named = [...page.matchAll(/`((?:lib|simulator|cli|example|test|bench|docs)\/[\w./-]*)`/g)]
    expect(named).to.have.length.above(10)
    for (const [, path = ''] of named) {
      const folder = inRepository(dirname(path))
      const name = path.replace(/\/$/, '').split('/').at(-1)
      expect(readdirSync(folder), path).to.include(name)
    }
  })
})
