// npm run mutate [-- tokens/refresh login/state-store]: mutates lib/ in every way that Stryker
// supports, and reports the mutants that no test detects. Each directory is run with only its own
// tests, to keep it short; a single file takes a minute or a few.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'

const TESTS = {
  session: 'session,strategy,hostile',
  tokens: 'tokens,session,strategy',
  // needs redis-server
  stores: 'stores,tokens,redis',
  oneaccess: 'oneaccess',
  transport: 'transport,oneaccess',
  login: 'login,strategy,hostile',
  util: 'util,login,tokens,strategy',
  '.': '.,strategy,login,hostile,stores',
}

const named = process.argv.slice(2)
let failed = false
for (const [directory, tests] of Object.entries(TESTS)) {
  const files = named.filter((name) => dirname(name) === directory)
  if (named.length > 0 && files.length === 0) continue
  const mutate = files.length > 0 ? files : [directory === '.' ? '*' : `${directory}/*`]
  const paths = mutate.map((name) => `dist/lib/${name}.js`).join(',')
  const env = { ...process.env, MUTATE_TESTS: tests }
  const { status } = spawnSync('npx', ['stryker', 'run', '-m', paths], { stdio: 'inherit', env })
  failed ||= status !== 0
}
process.exitCode = failed ? 1 : 0
