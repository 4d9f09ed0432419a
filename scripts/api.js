// Writes docs/api.md from the declarations that the package ships, doc comments and all; with
// --print it writes to stdout instead. TypeDoc would do it, but does not run with TypeScript 7.
import { readFileSync, writeFileSync } from 'node:fs'

const ROOT = new URL('../', import.meta.url)
const { name: PACKAGE, exports: ENTRIES } = JSON.parse(read('package.json'))

const HEAD = `# API reference

Made by \`npm run docs\` from the doc comments: do not edit it. The [README](../README.md) says how the parts are
used together.
`

function read(path) {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

/** Every name that a file exports, with the text of its declaration; in the file's order. */
function exportsOf(path) {
  const found = []
  for (const [statement, list, from] of read(path).matchAll(
    /^export (?:type )?\{([^}]*)\} from '([^']+)';$/gm,
  )) {
    if (statement === undefined) continue
    const target = new URL(from.replace(/\.js$/, '.d.ts'), new URL(path, ROOT)).href.slice(
      ROOT.href.length,
    )
    for (const part of list.split(',')) {
      const name = part.trim().replace(/^type /, '')
      if (name) found.push({ name, ...declarationOf(name, target) })
    }
  }
  const own = /^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)/gm
  for (const [, name] of read(path).matchAll(own))
    found.push({ name, ...declarationOf(name, path) })
  return found
}

/** As tsc writes it: a doc comment, then lines up to one that ends the declaration at its margin. */
function declarationOf(name, path) {
  const lines = read(path).split('\n')
  const head = new RegExp(
    `^export (?:declare )?(?:abstract )?(class|interface|type|function|const) ${name}\\b`,
  )
  const start = lines.findIndex((line) => head.test(line))
  if (start < 0) throw new Error(`${path} does not declare ${name}`)
  const kind = head.exec(lines[start])[1]
  const closed = kind === 'class' || kind === 'interface' ? /^\}|\}$/ : /;$/
  let end = start
  while (!(closed.test(lines[end]) && /^\S|^ +\| .*;$/.test(lines[end]))) end += 1
  return { kind, doc: docBefore(lines, start), code: publicPart(lines.slice(start, end + 1)) }
}

function docBefore(lines, start) {
  if (!lines[start - 1]?.endsWith('*/')) return ''
  let first = start - 1
  while (!lines[first].startsWith('/**')) first -= 1
  return lines
    .slice(first, start)
    .map((line) => line.replace(/^\/\*\* ?|\s*\*\/$|^ \* ?/g, '').replace(/\s*\*\/$/, ''))
    .join('\n')
    .trim()
}

function publicPart(lines) {
  return lines
    .filter((line) => !/^ +(private |#private)/.test(line))
    .join('\n')
    .replace(/^ +\/\*\* @internal[^\n]*\*\/\n +constructor\([^;]*\);\n/m, '')
    .replace(/^export (declare )?/, '')
    .replaceAll('    ', '  ')
}

/** An example is a block of code. */
function withExamples(doc) {
  return doc
    .replace(/\s*^@example\s+([\s\S]*?)(?=\n@example|$(?![\s\S]))/gm, '\n\n```ts\n$1\n```')
    .trim()
}

function sectionOf(entry, { types }) {
  const title = `## \`${PACKAGE}${entry.slice(1)}\``
  const parts = exportsOf(types.replace('./', '')).map(
    ({ name, kind, doc, code }) =>
      `### ${name}\n\n*${kind}.* ${withExamples(doc)}\n\n\`\`\`ts\n${code}\n\`\`\``,
  )
  return [title, ...parts].join('\n\n')
}

const sections = Object.entries(ENTRIES)
  .filter(([, target]) => typeof target === 'object')
  .map(([entry, target]) => sectionOf(entry, target))
const page = `${[HEAD.trim(), ...sections].join('\n\n')}\n`

if (process.argv.includes('--print')) process.stdout.write(page)
else writeFileSync(new URL('docs/api.md', ROOT), page)
