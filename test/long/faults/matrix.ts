import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Agent } from 'node:https'
import type { LogoutEvent } from '../../../lib/index.js'
import { EXPIRED_TLS } from '../../fixtures/expired-tls.js'
import { LOOPBACK_TLS } from '../../fixtures/loopback-tls.js'
import { Browser, type Page } from '../../support/browser.js'
import { openShop } from '../../support/shop.js'
import type { NamedFault } from './faults.js'
import { type Stage, type Subject, USUAL } from './outcomes.js'
import { Tenant } from './tenant.js'

/** The expected and the actual outcome of a cell. */
export interface Cell {
  subject: string
  fault: string
  expected: string
  found: string
  /** Other problems, such as a call that was made twice. */
  faults: string[]
}

/** The deadline of a call in milliseconds: for faults that exceed it, and for others. */
const SHORT = 600
const LONG = 3_000

export function expectedOf({ readings }: Subject, { reading }: NamedFault): string {
  return readings[reading] ?? USUAL[reading as keyof typeof USUAL]
}

export async function runCell(subject: Subject, fault: NamedFault): Promise<Cell> {
  const cell: Cell = {
    subject: subject.name,
    fault: fault.name,
    expected: expectedOf(subject, fault),
    found: 'nothing',
    faults: [],
  }
  const deadline = fault.reading === 'timeout' ? SHORT : LONG
  const isProxied = typeof fault.does === 'object' && 'tunnel' in fault.does
  const tls = isProxied || fault.reading === 'tls_untrusted'
  const stage = await openStage(subject, { tls, isProxied, deadline })
  try {
    await subject.prepare?.(stage)
    await arm(stage.tenant, subject, fault)
    const began = performance.now()
    const page = await outcomeOn(stage, subject)
    if (performance.now() - began > deadline + LONG) cell.faults.push('took too long')
    cell.found = page.text
    checkCalls(cell, stage.tenant, subject, fault)
    if (fault.retryAfter && cell.found.startsWith('error 503')) checkRetryAfter(cell, page, fault)
    if (fault.hint) checkHint(cell, page, fault.hint)
    if (subject.lives) await checkLife(cell, stage)
  } finally {
    await stage.shop.close()
    await stage.tenant.close()
  }
  return cell
}

export async function openStage(
  subject: Subject,
  { tls = false, isProxied = false, deadline = LONG },
): Promise<Stage> {
  const tenant = await Tenant.open(tls)
  const httpsAgent = new Agent({ ca: [LOOPBACK_TLS.cert, EXPIRED_TLS.cert], maxCachedSessions: 0 })
  const proxy = isProxied ? tenant.gateway.setting : false
  const shop = await openShop({
    ...(subject.sessionless ? { session: false } : {}),
    strategy: {
      domain: tenant.url,
      timeouts: { call: deadline, refresh: deadline, wait: deadline },
      ...(tls ? { http: { httpsAgent, proxy } } : {}),
      ...subject.strategy?.(tenant),
    },
  })
  return { tenant, shop, browser: new Browser() }
}

async function arm(tenant: Tenant, { endpoint, previous }: Subject, { does }: NamedFault) {
  if (typeof does === 'function') tenant.failAt(endpoint, does)
  else if (previous) tenant.vanishAfter(previous, does)
  else await tenant.vanish(does)
}

/** The outcome as in the table; for a logout with the outcome of its event. */
export async function outcomeOn(stage: Stage, subject: Subject): Promise<Page> {
  if (subject.endpoint !== 'logout') {
    const page = await subject.act(stage)
    return { ...page, text: textOf(page) }
  }
  const event = eventOf('passport-oneaccess-alipay:logout')
  const page = await subject.act(stage)
  const { outcome, code } = (await event) as LogoutEvent
  const text = `logged out${outcome === 'done' ? '' : `, told ${code}`}`
  return { ...page, text: page.status === 200 ? text : textOf(page) }
}

function textOf(page: Page): string {
  const body = page.json() as Record<string, unknown>
  const { verb, info, status, error } = body as {
    verb?: string
    info?: { code: string }
    status?: number
    error?: { code: string; status: number }
  }
  if (verb === 'fail') return `fail ${status} ${info?.code}`
  if (verb === 'error') return `error ${error?.status} ${error?.code}`
  return page.status === 200 ? 'success' : `status ${page.status}`
}

function eventOf(channel: string): Promise<unknown> {
  return new Promise((resolve) => {
    const listen = (event: unknown) => {
      unsubscribe(channel, listen)
      resolve(event)
    }
    subscribe(channel, listen)
  })
}

function checkCalls(cell: Cell, tenant: Tenant, subject: Subject, fault: NamedFault): void {
  if (typeof fault.does !== 'function' && fault.reading !== 'fine') return // nothing counted the calls
  const calls = tenant.count(subject.endpoint)
  const allowed = subject.calls?.[fault.reading] ?? 1
  if (calls !== allowed) cell.faults.push(`called ${calls} times, not ${allowed}`)
}

function checkRetryAfter(cell: Cell, page: Page, { retryAfter = 0 }: NamedFault): void {
  const sent = page.headers.get('retry-after')
  if (Number(sent) < retryAfter) cell.faults.push(`Retry-After is ${sent}, not ${retryAfter}`)
}

function checkHint(cell: Cell, page: Page, hint: RegExp): void {
  const { error } = page.json() as { error?: { hint: string } }
  if (error && !hint.test(error.hint)) cell.faults.push(`the hint is ${error.hint}`)
}

const SIX_MINUTES = 360_000

/** The user stays logged in, and the next refresh succeeds once OneAccess is healthy again. */
async function checkLife(cell: Cell, { tenant, shop, browser }: Stage): Promise<void> {
  if ((await browser.get(`${shop.url}/me`)).status !== 200) cell.faults.push('logged out')
  await shop.strategy.drain() // the request's own deadline is as long as the call's
  await tenant.heal()
  const now = Date.now
  Date.now = () => now() + SIX_MINUTES
  try {
    const { status } = await browser.get(`${shop.url}/token`)
    if (status !== 200) cell.faults.push(`no token afterwards: ${status}`)
  } finally {
    Date.now = now
  }
}
