import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { linksOf, pageAt } from '../docs/markdown.js'
import { emptyProject, inRepository, manifest, type Project, pack, run } from './installed.js'

/** An import of anything but a relative path, in a statement or a type. */
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

  it('contains exactly the compiled code with types and sources, the examples and the pages', async () => {
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
    expect(files, 'dist may be out of date: npm run clean').to.deep.equal(
      [...compiled, ...ambient, ...examples, ...pages, 'package.json'].sort(),
    )
  })

  it('contains every file to which its pages link', async () => {
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

  it('contains the source of each declaration map', async () => {
    const maps = files.filter((path) => path.endsWith('.d.ts.map'))
    expect(maps).to.have.length.above(100)
    for (const path of maps) {
      const { sources } = JSON.parse(await readFile(inRepository(path), 'utf8'))
      expect(files, path).to.include.members(
        sources.map((source: string) => join(dirname(path), source).replaceAll('\\', '/')),
      )
    }
  })

  it('imports only Node’s modules and declared dependencies', async () => {
    const { dependencies = {} } = await manifest()
    const imported = new Set<string>()
    for (const file of files.filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path))) {
      const text = await readFile(inRepository(file), 'utf8')
      for (const [, name = ''] of text.matchAll(IMPORTED)) imported.add(nameOf(name))
    }
    const undeclared = [...imported].filter((name) => !isDeclared(name, dependencies))
    expect(undeclared).to.deep.equal([])
  })

  it('passes publint --strict', async () => {
    const publint = join('node_modules', '.bin', 'publint')
    const { code, stdout } = await run(inRepository('.'), publint, ['run', tarball, '--strict'])
    expect(code, stdout).to.equal(0)
  })

  it('passes attw', async () => {
    const attw = join('node_modules', '.bin', 'attw')

    // every supported Node can require() ESM
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

/** A dependency, or a package with `@types` among them. */
function isDeclared(name: string, dependencies: object): boolean {
  return name.startsWith('node:') || name in dependencies || `@types/${name}` in dependencies
}
