import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Finished, inRepository, run } from '../package/installed.js'
import { allPages, codeBlocksOf } from './markdown.js'

const FOLDER = inRepository('dist/docs-blocks')

/** Generated from the doc comments. Its blocks are declarations, which the build has compiled. */
export const GENERATED = join('docs', 'api.md')

/** Compiles each `ts` block of the pages as a separate module of an app. */
export async function compileBlocks(): Promise<Finished & { count: number }> {
  await rm(FOLDER, { recursive: true, force: true })
  await mkdir(FOLDER, { recursive: true })
  const pages = allPages().filter(({ path }) => path !== GENERATED)
  const blocks = pages.flatMap((page) =>
    codeBlocksOf(page)
      .filter(({ language }) => language === 'ts')
      .map(({ code }, n) => ({ name: nameOf(page.path, n), code })),
  )
  for (const { name, code } of blocks) {
    const text = `import type {} from 'passport'\n${code}\nexport {}\n`
    await writeFile(join(FOLDER, `${name}.mts`), text)
  }
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
  const form = { module: 'nodenext', target: 'es2023', types: ['node'] }
  const config = { compilerOptions: { ...strict, ...form }, include: ['*.mts'] }
  await writeFile(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
  const tsc = inRepository('node_modules/.bin/tsc')
  return { ...(await run(FOLDER, tsc, ['-p', 'tsconfig.json'])), count: blocks.length }
}

/** The exports of a compiled `ts` block: the nth of a page, or the one that exports this name. */
export async function importBlock(
  path: string,
  which: number | string,
): Promise<Record<string, unknown>> {
  const n = typeof which === 'number' ? which : blockWith(path, which)
  return import(pathToFileURL(join(FOLDER, `${nameOf(path, n)}.mjs`)).href)
}

function blockWith(path: string, name: string): number {
  const page = allPages().find((one) => one.path === path)
  const blocks = page ? codeBlocksOf(page).filter(({ language }) => language === 'ts') : []
  const n = blocks.findIndex(({ code }) => new RegExp(`export \\w+ ${name}\\b`).test(code))
  if (n < 0) throw new Error(`${path} has no block that exports ${name}`)
  return n
}

function nameOf(path: string, n: number): string {
  return `${path.replace(/\W/g, '-')}-${n}`
}
