import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { inRepository } from './installed.js'

// The house of ARCHITECTURE.md: what may import what.

/** The folders of lib/ from the top down; a file may import from its own floor and from those below. */
const FLOORS = ['login', 'session', 'tokens', 'stores', 'oneaccess', 'transport', 'util']

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
  return [...new Set([...found].map(([, name = '']) => name))] // an overload is one thing
}

const floorOf = (path: string) => FLOORS.indexOf(path.split('/')[1] ?? '')

describe('the structure of the code', () => {
  const lib = sourcesIn('lib')

  it('has no arrow that leads up: a folder of lib/ imports from itself and from those below', () => {
    const up = lib.flatMap((path) =>
      importsOf(path)
        .filter((to) => floorOf(path) >= 0 && floorOf(to) >= 0 && floorOf(to) < floorOf(path))
        .map((to) => `${path} imports ${to}`),
    )
    expect(up).to.deep.equal([])
  })

  it('has no circle of imports', () => {
    const all = new Map([...lib, ...sourcesIn('simulator')].map((path) => [path, importsOf(path)]))
    const done = new Set<string>()
    const circles: string[] = []
    const follow = (path: string, way: string[]) => {
      if (way.includes(path)) {
        circles.push([...way.slice(way.indexOf(path)), path].join(' -> '))
        return
      }
      if (done.has(path)) return
      for (const to of all.get(path) ?? []) follow(to, [...way, path])
      done.add(path)
    }
    for (const path of all.keys()) follow(path, [])
    expect(circles).to.deep.equal([])
  })

  it('keeps the simulator an independent witness: it shares no code with lib/', () => {
    const shared = sourcesIn('simulator').filter((path) =>
      importsOf(path).some((to) => to.startsWith('lib')),
    )
    expect(shared).to.deep.equal([])
  })

  it('has no file of over 300 lines', () => {
    const long = ['lib', 'simulator', 'cli', 'example']
      .flatMap(sourcesIn)
      .filter((path) => readFileSync(inRepository(path), 'utf8').split('\n').length > 301)
    expect(long).to.deep.equal([])
  })

  it('calls no two exported things in lib/ the same', () => {
    const names = lib.flatMap((path) => {
      const text = readFileSync(inRepository(path), 'utf8')
      return exportsIn(text)
    })
    const twice = names.filter((name, n) => names.indexOf(name) !== n)
    expect(twice).to.deep.equal([])
  })

  it('exports nothing that no other file names, save what the package offers', () => {
    const offered = ['lib/index.ts', 'lib/redis.ts', 'lib/conformance.ts', 'simulator/index.ts']
    const own = [...lib, ...['simulator', 'cli', 'example'].flatMap(sourcesIn)]
    const words = new Map(
      [...own, ...['test', 'bench'].flatMap(sourcesIn)].map((path) => [
        path,
        new Set(readFileSync(inRepository(path), 'utf8').match(/\w+/g)),
      ]),
    )
    const isNamed = (name: string, by: string) =>
      [...words].some(([path, all]) => path !== by && all.has(name))
    const unnamed = own
      .filter((path) => !offered.includes(path))
      .flatMap((path) =>
        exportsIn(readFileSync(inRepository(path), 'utf8'))
          .filter((name) => !isNamed(name, path))
          .map((name) => `${path}: ${name}`),
      )
    expect(unnamed).to.deep.equal([])
  })

  it('is named in ARCHITECTURE.md as it is', () => {
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
