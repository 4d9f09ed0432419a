import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createClient } from 'redis'
import { OneAccessClient, type OneAccessClientOptions } from '../../lib/index.js'
import { RedisTokenStore } from '../../lib/redis.js'
import { recordOf } from '../../lib/tokens/record.js'
import { Refresher } from '../../lib/tokens/refresh.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { type RedisServer, startRedis } from '../support/redis.js'
import { type Point, refreshUntilKilled } from './doom.js'

const timeouts = { call: 400, refresh: 400, wait: 300, store: 1_000, lease: 500, verify: 1_000 }
const device = { osVersion: 'Linux', fingerprint: 'f', ip: '127.0.0.1', agent: 'test' }

describe('a process that is killed during a refresh', () => {
  let server: RedisServer
  let simulator: Simulator
  let redis: ReturnType<typeof createClient>
  let options: OneAccessClientOptions
  let records: TokenRepository
  let refresher: Refresher
  let login = ''
  before(async () => {
    server = await startRedis()
    redis = createClient({ url: server.url })
    await redis.connect()
    simulator = await startSimulator({ rotation: 'always' })
    const { clientID, clientSecret } = simulator
    const credential = { clientID, clientSecret, auth: 'body' as const }
    options = { origin: simulator.url, clientID, credential }
  })
  after(async () => {
    redis.destroy()
    await Promise.all([server.close(), simulator.close()])
  })
  beforeEach(async () => {
    simulator.settings.rotation = 'always'
    records = new TokenRepository(new RedisTokenStore(redis), noSeal, 1_000)
    refresher = new Refresher(records, new OneAccessClient(options), timeouts, undefined)
    login = `login-${Math.random()}`
    const code = simulator.issueCode(simulator.people[0]?.id ?? '')
    const { session } = await new OneAccessClient(options).loginWithAlipay(code, { device })
    if (session === undefined) throw new Error('the login was not complete')
    const { sessionToken } = session
    await records.create(login, recordOf({ sessionToken }, { device }, undefined))
  })

  const killed = (point: Point) =>
    refreshUntilKilled({ point, redis: server.url, client: options, timeouts, login })

  /** What another process gets: `refreshed`, or the message of the error that ends the login. */
  async function resultElsewhere(): Promise<string> {
    const codes = new Set<string>()
    for (const end = Date.now() + 8_000; Date.now() < end; await sleep(50)) {
      try {
        await refresher.obtain(login)
        return 'refreshed'
      } catch (error) {
        const { code, status, message } = error as { code: string; status: number; message: string }
        if (status === 401) return message
        codes.add(`${status} ${code}`)
      }
    }
    return `nothing but ${[...codes].join(', ')}`
  }

  it('before the call loses nothing', async () => {
    await killed('before the call')
    expect(await resultElsewhere()).to.equal('refreshed')
  })

  it('after the save loses nothing', async () => {
    await killed('after the save')
    expect(await resultElsewhere()).to.equal('refreshed')
    expect(simulator.sessions().at(-1)?.refreshes).to.equal(1)
  })

  it('between the response and the save ends the login with rotation_lost', async () => {
    await killed('before the save')
    expect(await resultElsewhere()).to.include('rotation_lost')
    expect((await records.read(login)).record.ended?.reason).to.equal('rotation_lost')
  })

  it('between the response and the save loses nothing when OneAccess still accepts the old token', async () => {
    simulator.settings.rotation = 'grace'
    await killed('before the save')
    expect(await resultElsewhere()).to.equal('refreshed')
  })

  it('between the response and the save loses nothing when OneAccess does not rotate the token', async () => {
    simulator.settings.rotation = 'never'
    await killed('before the save')
    expect(await resultElsewhere()).to.equal('refreshed')
  })
})
