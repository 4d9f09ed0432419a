import type { Request } from 'express'
import type { SinonFakeTimers } from 'sinon'
import { Localizer } from '../../lib/localize.js'
import { KeptTokens } from '../../lib/session/request-tokens.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { TokenStore } from '../../lib/token-store.js'
import { Activity } from '../../lib/tokens/activity.js'
import { recordOf, type TokenRecord } from '../../lib/tokens/record.js'
import { Refresher } from '../../lib/tokens/refresh.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal, type Seal } from '../../lib/tokens/seal.js'
import { validateOptions } from '../../lib/validate-options.js'
import { fakeClock } from './clock.js'
import { FaultyStore } from './faulty-store.js'
import { idTokenOf, Provider } from './provider.js'

/** The default timeouts of the strategy. */
export const { timeouts } = validateOptions({
  domain: 'tenant.example',
  clientID: 'client',
  clientSecret: 'secret',
})

/** The record id of a test's login. */
export const LOGIN = 'the-name-of-the-record'

/** A simulated process of an app; one Node process can hold several. */
export interface AppProcess {
  store: FaultyStore
  records: TokenRepository
  refresher: Refresher
  /** `req.oneaccess` of a new request. */
  request(id?: string): KeptTokens
  /** The stored record, read without this process. */
  stored(id?: string): Promise<TokenRecord>
}

export interface ProcessOptions {
  store?: TokenStore
  refreshBefore?: number
  seal?: Seal
}

/** Starts processes with one store and one provider. */
export function startProcesses(
  count: number,
  provider: Provider,
  { store = new MemoryTokenStore(), refreshBefore, seal = noSeal }: ProcessOptions = {},
): AppProcess[] {
  const observer = new TokenRepository(store, seal, timeouts.store)
  const stored = async (id = LOGIN) => (await observer.read(id)).record
  return Array.from({ length: count }, () => {
    const own = new FaultyStore(store)
    const records = new TokenRepository(own, seal, timeouts.store)
    const refresher = new Refresher(records, provider.client, timeouts, refreshBefore)
    const { wait } = timeouts
    const messages = new Localizer()
    const req = { session: {}, user: {}, headers: {} } as Request
    const check = (idToken: string) => provider.client.checkIDToken(idToken)
    const manager = {
      messages,
      check,
      wait,
      records,
      refresher,
      activity: new Activity(records),
    }
    const request = (id = LOGIN) => new KeptTokens(id, manager, req, '')
    return { store: own, records, refresher, request, stored }
  })
}

export function startProcess(provider: Provider, options?: ProcessOptions): AppProcess {
  const [only] = startProcesses(1, provider, options)
  if (only === undefined) throw new Error('no process was started')
  return only
}

const device = { osVersion: 'Linux', fingerprint: 'f', ip: '127.0.0.1', agent: 'test' }

/** Stores the record of a new login. The id_token lives `life` seconds; `null`: without one. */
export async function logIn(
  { records }: AppProcess,
  provider: Provider,
  life: number | null = 300,
  id = LOGIN,
): Promise<void> {
  const idToken = life === null ? {} : { idToken: idTokenOf(0, life) }
  const answer = { sessionToken: provider.sessionToken, expiresIn: 604_800, ...idToken }
  await records.create(id, recordOf(answer, { device }, undefined))
}

/** Two processes with one login, under a fake clock. */
export interface TwoProcesses {
  clock: SinonFakeTimers
  provider: Provider
  app: AppProcess
  other: AppProcess
}

/** Starts two processes whose id_token has just expired. `sinon.restore()` restores the clock. */
export async function startTwoWithDue(options?: ProcessOptions): Promise<TwoProcesses> {
  const clock = fakeClock()
  const provider = new Provider()
  const [app, other] = startProcesses(2, provider, options) as [AppProcess, AppProcess]
  await logIn(app, provider)
  await clock.tickAsync(300_000)
  return { clock, provider, app, other }
}
