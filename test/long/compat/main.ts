// npm run compat [-- PART...]: runs each combination and prints the tables of docs/compatibility.md.
import { emptyProject, pack } from '../../package/installed.js'
import { runFrameworks } from './frameworks.js'
import { runHosts } from './hosts.js'
import { runNodes } from './nodes.js'
import { type Part, tableOf } from './row.js'
import { runStores } from './stores.js'
import { runTesting } from './testing.js'
import { runTypeScript } from './typescript.js'

const PARTS: Record<string, (tarball: string) => Promise<Part>> = {
  node: runNodes,
  typescript: runTypeScript,
  stores: runStores,
  frameworks: runFrameworks,
  testing: runTesting,
  hosts: runHosts,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(PARTS, name))
if (unknown !== undefined) {
  console.error(`there is no part ${unknown}, there are: ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}

const place = await emptyProject()
const { tarball } = await pack(place.folder)
const parts: Part[] = []
for (const [name, runPart] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`running: ${name}`)
  parts.push(await runPart(tarball))
}
await place.remove()
const { text, failures } = tableOf(parts)
console.log(text)
process.exitCode = failures === 0 ? 0 : 1
