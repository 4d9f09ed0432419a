import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { linksOf, pageAt } from '../docs/markdown.js'
import { emptyProject, inRepository, manifest, type Project, pack, run } from './installed.js'

/** A statement's or a type's import of anything but a file beside it. */
const IMPORTED = /(?:\bfrom |^import |\bimport\()'([^.'][^']*)'/gm

describe('the packed package', function () {
  this.timeout(120_000)
  let project: Project
  let tarball: string
  let files: string[]

  before(async () => {
    project = await emptyProject()
    ;({ tarball, files } = await pack(project.folder))
  })

  after(() => project.remove())

  it('holds the compiled library, its types, the examples and the pages that npm shows, and nothing else', async () => {
    const sources = await Promise.all(
      ['cli', 'lib', 'simulator'].map(async (folder) => {
        const names = await readdir(inRepository(folder), { recursive: true })
        return names.map((name) => join(folder, name))
      }),
    )
    const compiled = sources
      .flat()
      .filter((path) => path.endsWith('.ts'))
      .map((path) => path.replaceAll('\\', '/').slice(0, -'.ts'.length))
      .flatMap((path) => [
        `dist/${path}.d.ts`,
        `dist/${path}.d.ts.map`,
        `dist/${path}.js`,
        `${path}.ts`,
      ])
    const examples = (await readdir(inRepository('example'), { recursive: true }))
      .filter((name) => /\.\w+$/.test(name))
      .map((name) => join('example', name).replaceAll('\\', '/'))
    const docs = (await readdir(inRepository('docs'), { recursive: true }))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name).replaceAll('\\', '/'))
    const ambient = ['lib/fallback-types.d.cts']
    const pages = [
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'SECURITY.md',
      ...docs,
    ]
    const rest = 'else npm run clean: dist may be older than lib'
    expect(files, rest).to.deep.equal(
      [...compiled, ...ambient, ...examples, ...pages, 'package.json'].sort(),
    )
  })

  it('holds every file to which its pages lead', async () => {
    const broken = files
      .filter((path) => path.endsWith('.md'))
      .map(pageAt)
      .flatMap((page) => linksOf(page).map(({ to }) => ({ page: page.path, to })))
      .filter(({ to }) => to !== '' && !/^(#|[a-z]+:)/.test(to))
      .filter(({ page, to }) => {
        const [path = ''] = to.split('#')
        return !files.includes(join(dirname(page), path).replaceAll('\\', '/'))
      })
    expect(broken).to.deep.equal([])
  })

  it('has the source to which each declaration map leads, so that an editor finds definitions', async () => {
    const maps = files.filter((path) => path.endsWith('.d.ts.map'))
    expect(maps).to.have.length.above(100)
    for (const path of maps) {
      const { sources } = JSON.parse(await readFile(inRepository(path), 'utf8'))
      expect(files, path).to.include.members(
        sources.map((source: string) => join(dirname(path), source).replaceAll('\\', '/')),
      )
    }
  })

  it('imports only Node, itself, and what is among its dependencies', async () => {
    const { dependencies = {} } = await manifest()
    const imported = new Set<string>()
    for (const file of files.filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path))) {
      const text = await readFile(inRepository(file), 'utf8')
      for (const [, name = ''] of text.matchAll(IMPORTED)) imported.add(nameOf(name))
    }
    const undeclared = [...imported].filter((name) => !isDeclared(name, dependencies))
    expect(undeclared).to.deep.equal([])
  })

  it('is right in every point that publint knows', async () => {
    const publint = join('node_modules', '.bin', 'publint')
    const { code, stdout } = await run(inRepository('.'), publint, ['run', tarball, '--strict'])
    expect(code, stdout).to.equal(0)
  })

  it('resolves with its types for every kind of TypeScript consumer, by attw', async () => {
    const attw = join('node_modules', '.bin', 'attw')

    // require() gets ESM, which every supported Node can do
    const args = [tarball, '--ignore-rules', 'cjs-resolves-to-esm']
    const { code, stdout } = await run(inRepository('.'), attw, args)
    expect(code, stdout).to.equal(0)
  })
})

function nameOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** A type may come from the package itself or from its `@types`. */
function isDeclared(name: string, dependencies: object): boolean {
  return name.startsWith('node:') || name in dependencies || `@types/${name}` in dependencies
}
