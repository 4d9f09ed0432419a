// For `node --import`: turns the process into one of the next release, which reads this record format and writes
// another. With `?readableFrom=1` in its URL it only adds fields; with `=2` this release cannot read its records.
import { readFile } from 'node:fs/promises'
import { type LoadHook, register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const readableFrom = Number(new URL(import.meta.url).searchParams.get('readableFrom'))

if (isMainThread) register(import.meta.url)

const CHANGES: [from: string, to: string][] = [
  ['const FORMAT = 1;', 'const FORMAT = 2;'],
  [
    'JSON.stringify(record).slice',
    `JSON.stringify({ readableFrom: ${readableFrom}, risk: { level: 3 }, ...record }).slice`,
  ],
]

export const load: LoadHook = async (url, context, next) => {
  if (!url.endsWith('/lib/tokens/record-format.js')) return next(url, context)
  let source = await readFile(new URL(url), 'utf8')
  for (const [from, to] of CHANGES) {
    if (!source.includes(from)) throw new Error(`${from} is missing in ${url}`)
    source = source.replace(from, to)
  }
  return { format: 'module', source, shortCircuit: true }
}
