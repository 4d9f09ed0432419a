// npm run chaos [-- --seed N --signed --short]: does anyone lose their login when everything fails? Two runs. In the
// second, processes are killed without time to save, and each lost login needs a proof that nothing could have
// prevented it. With --signed (refreshWith: 'signed-id-token'), which never replaces session tokens, none may be lost.
import { parseArgs } from 'node:util'
import { full, killing, type Profile, short } from './profile.js'
import { announcement, report, unproven } from './report.js'
import { storm } from './storm.js'

const MOST_TIME = 600_000

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    signed: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const refreshWith: Profile['refreshWith'] = values.signed ? 'signed-id-token' : 'id-token'
const profiles = values.short ? [short(seed)] : [full(seed), killing(seed)]

setTimeout(() => {
  console.error(`chaos did not end within ${MOST_TIME / 1000} s`)
  process.exit(1)
}, MOST_TIME).unref()

let bad = false
for (const profile of profiles.map((one) => ({ ...one, refreshWith }))) {
  console.log(announcement(profile))
  const outcome = await storm(profile)
  console.log(report(outcome))
  const { losses, stuck, refreshes } = outcome
  const killed = profile.signal === 'SIGKILL'
  const excused = killed && !values.signed
  if (excused ? unproven(losses).length > 0 : losses.length > 0) bad = true
  // findLosses() makes one more refresh for each login
  const duringTheStorm = refreshes - profile.sessions
  if (stuck > 0 || (!killed && !values.short && duringTheStorm < profile.refreshes)) bad = true
}
console.log(bad ? 'chaos: FAILED' : 'chaos: no login was lost that could have been saved')
process.exit(bad ? 1 : 0)
