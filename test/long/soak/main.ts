// npm run soak [-- MINUTES]: three simulated hours of logins, refreshes and logouts in 90 s of real time.
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { Browser } from '../../support/browser.js'
import { type App, startApp, type Tenant } from './app.js'
import { SPEED, speedUp } from './clock.js'

const MINUTE = 60_000
const MINUTES = Number(process.argv[2] ?? 180)
const PEOPLE = 30
/** Alipay's codes live at least 3 minutes of the fast clock: on a busy machine, slow logins may fail. */
const SHORTEST_CODE = 2.5 * MINUTE
/** Tombstones live an hour: from here on, as many expire as are added. */
const WARM_UP = MINUTES / 2

/** The resources of every process: its output. */
const USUAL = new Set(['TTYWrap', 'PipeWrap'])

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const since = Date.now()
speedUp(since)
const tenant = new Worker(new URL('tenant.js', import.meta.url), { workerData: { since } })
const [{ options, person }] = (await once(tenant, 'message')) as [
  { options: Tenant; person: string },
]
const app = await startApp(options)
const counts = { logins: 0, tokens: 0, later: 0, logouts: 0 }
const wrong: string[] = []
const heaps: { minute: number; megabytes: number }[] = []

await Promise.all([...Array.from({ length: PEOPLE }, () => live(app)), measure()])
await app.close()
tenant.postMessage('end')
const [{ refreshes, ended }] = (await once(tenant, 'message')) as [
  { refreshes: number; ended: number },
]
await tenant.terminate()
report(await stillOpen())

function minute(): number {
  return (Date.now() - since) / MINUTE
}

/** One user after the other: logs in, sends requests for a while, logs out. */
async function live({ url }: App): Promise<void> {
  while (minute() < MINUTES) {
    const browser = new Browser()
    if (!(await logIn(browser, url))) continue
    const until = minute() + 5 + Math.random() * 20
    while (minute() < Math.min(until, MINUTES)) {
      const { status } = await browser.get(`${url}/token`)
      if (status === 200) counts.tokens++
      else if (status === 503) counts.later++
      else wrong.push(`${status} at minute ${minute().toFixed(1)} for a user who is logged in`)
      await pause(MINUTE / 4)
    }
    const { status } = await browser.post(`${url}/logout`)
    if (status === 200) counts.logouts++
    else wrong.push(`${status} at a logout`)
  }
}

async function logIn(browser: Browser, url: string): Promise<boolean> {
  await browser.get(`${url}/login`) // a login that is never completed
  const began = Date.now()
  const begun = await browser.get(`${url}/login`)
  const back = await browser.post(begun.location, { person, decision: 'agree' })
  const { status } = await browser.get(back.location)
  if (status === 200) counts.logins++
  else if (status === 503 || Date.now() - began > SHORTEST_CODE) counts.later++
  else wrong.push(`${status} at a login`)
  return status === 200
}

async function measure(): Promise<void> {
  while (minute() < MINUTES) {
    await pause(MINUTE)
    await app.sweep()
    collectGarbage()
    heaps.push({ minute: minute(), megabytes: process.memoryUsage().heapUsed / 2 ** 20 })
  }
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, time / SPEED)
  })
}

/** The resources that are open after everything was closed. Sockets take a moment to close. */
async function stillOpen(): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const open = process.getActiveResourcesInfo().filter((one) => !USUAL.has(one))
    if (open.length === 0 || tries === 50) return open
    await pause(SPEED * 100)
  }
}

function report(left: string[]): void {
  const warm = heaps.filter((one) => one.minute >= WARM_UP).map(({ megabytes }) => megabytes)
  const third = Math.ceil(warm.length / 3)
  const [early, late] = [median(warm.slice(0, third)), median(warm.slice(-third))]
  console.log(`${MINUTES} minutes in ${((MINUTES * 60) / SPEED).toFixed(0)} s:`, {
    ...counts,
    refreshes,
  })
  console.log(
    `heap: ${early.toFixed(1)} MB after ${WARM_UP} minutes, ${late.toFixed(1)} MB at the end`,
  )
  if (late > early * 1.05 + 0.5) wrong.push('the heap grows')
  if (refreshes < counts.logins) wrong.push('there were fewer refreshes than logins')
  if (ended > counts.logouts) wrong.push(`${ended} sessions were ended by OneAccess`)
  if (left.length > 0) wrong.push(`still open: ${left.join(', ')}`)
  for (const what of wrong.slice(0, 20)) console.log(`WRONG ${what}`)
  console.log(
    wrong.length === 0 ? 'memory is stable, nothing is left open' : `${wrong.length} wrong`,
  )
  process.exitCode = wrong.length === 0 ? 0 : 1
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
