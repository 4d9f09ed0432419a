// npm run chaos [-- --seed N --signed --short]: does anybody lose their login when everything goes wrong? Two storms; in
// the second, processes get no time to save what they hold, and each loss must be proved to be one that nobody can
// prevent. With --signed, which renews by `signed-id-token`, no answer matters that much: nobody may be lost at all.
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
  // the look at everybody in the end makes one more refresh for each
  const inTheStorm = refreshes - profile.sessions
  if (stuck > 0 || (!killed && !values.short && inTheStorm < profile.refreshes)) bad = true
}
console.log(bad ? 'chaos: FAILED' : 'chaos: nobody was logged out who could have been kept')
process.exit(bad ? 1 : 0)
