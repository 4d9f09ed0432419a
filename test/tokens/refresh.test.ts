import { expect } from 'chai'
import sinon from 'sinon'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { fakeClock } from '../support/clock.js'
import {
  type AppProcess,
  LOGIN,
  logIn,
  startProcess,
  startProcesses,
} from '../support/processes.js'
import { Provider, settle } from '../support/provider.js'

describe('Refresher', () => {
  let clock: sinon.SinonFakeTimers
  let provider: Provider
  beforeEach(() => {
    clock = fakeClock()
    provider = new Provider()
  })
  afterEach(() => sinon.restore())

  const expire = () => clock.tickAsync(300_000)

  describe('one process', () => {
    let app: AppProcess
    beforeEach(async () => {
      app = startProcess(provider)
      await logIn(app, provider)
    })

    it('makes one refresh call for 1,000 requests on an expired id_token', async () => {
      await expire()
      const tokens = await Promise.all(Array.from({ length: 1_000 }, () => app.request().idToken()))
      expect(provider.presented).to.deep.equal(['session-0'])
      expect(new Set(tokens).size).to.equal(1)
      expect((await app.stored()).sessionToken).to.equal('session-1')
    })

    it('reads the store three times for 1,000 requests', async () => {
      await expire()
      app.store.calls.length = 0
      await Promise.all(Array.from({ length: 1_000 }, () => app.request().idToken()))
      expect(app.store.count('get')).to.equal(3)
    })

    it('returns a valid id_token at once while a refresh is in progress', async () => {
      await clock.tickAsync(280_000)
      const call = provider.holdAnswer()
      const before = await app.request().idToken()
      await call.arrived
      expect(await app.request().idToken()).to.equal(before)
      call.release()
      await app.refresher.drain()
      expect(await app.request().idToken()).not.to.equal(before)
      expect(provider.presented).to.have.length(1)
    })

    it('times out a waiting request after 3 s; the refresh continues', async () => {
      await expire()
      const call = provider.holdAnswer()
      const waiting = app.request().idToken()
      waiting.catch(() => {})
      await call.arrived
      await clock.tickAsync(3_000)
      const error = await waiting.catch((thrown) => thrown)
      expect(error).to.include({ code: 'timeout', status: 503, retryAfter: 1 })
      call.release()
      await app.refresher.drain()
      expect((await app.stored()).sessionToken).to.equal('session-1')
      expect(await app.request().idToken()).to.be.a('string')
      expect(provider.presented).to.have.length(1)
    })

    it('returns no id_token with less than 5 s left', async () => {
      provider.idTokenLife = 20
      await expire()
      const first = await app.request().idToken()
      await clock.tickAsync(14_000)
      expect(await app.request().idToken()).to.equal(first)
      await clock.tickAsync(1_000)
      expect(await app.request().idToken()).not.to.equal(first)
    })

    it('refreshes at most once in 5 s when every new id_token looks expired', async () => {
      provider.idTokenLife = -60
      await expire()
      await app.request().idToken()
      await clock.tickAsync(4_000)
      await app.request().idToken()
      expect(provider.presented).to.have.length(1)
      await clock.tickAsync(1_000)
      await app.request().idToken()
      expect(provider.presented).to.have.length(2)
    })

    it('refreshes a valid id_token on refresh()', async () => {
      await clock.tickAsync(1_000)
      const before = await app.request().idToken()
      await app.request().refresh()
      expect(await app.request().idToken()).not.to.equal(before)
      expect(provider.presented).to.have.length(1)
    })

    it('calls OneAccess on refresh() although it joined a refresh that another process made unnecessary', async () => {
      const [other] = startProcesses(1, provider, { store: app.store })
      await expire()
      await other?.request().idToken()
      const read = app.store.hold('get')
      const joined = app.refresher.refresh(LOGIN)
      await read.arrived
      await clock.tickAsync(1)
      const forced = app.request().refresh()
      read.release()
      await Promise.all([joined, forced])
      expect(provider.presented).to.deep.equal(['session-0', 'session-1'])
    })

    it('waits in drain() until the new tokens are saved', async () => {
      await expire()
      const call = provider.holdAnswer()
      app
        .request()
        .idToken()
        .catch(() => {})
      await call.arrived
      let drained = false
      const draining = app.refresher.drain().then(() => {
        drained = true
      })
      await settle()
      expect(drained).to.equal(false)
      const save = app.store.hold('compareAndSet')
      call.release()
      await save.arrived
      await settle()
      expect(drained).to.equal(false)
      save.release()
      await draining
      expect((await app.stored()).sessionToken).to.equal('session-1')
    })

    it('fetches the first id_token of a login that returned none', async () => {
      await logIn(app, provider, null, 'bare')
      const request = app.request('bare')
      expect(request.expiresAt).to.equal(undefined)
      expect(await request.idToken()).to.be.a('string')
      expect(request.expiresAt).to.equal(Date.now() + 300_000)
    })
  })

  describe('several processes', () => {
    let apps: AppProcess[]
    let first: AppProcess
    let second: AppProcess
    beforeEach(async () => {
      apps = startProcesses(4, provider)
      ;[first, second] = apps as [AppProcess, AppProcess]
      await logIn(first, provider)
      await expire()
    })

    it('make one refresh call for 1,000 requests in each', async () => {
      const call = provider.holdAnswer()
      const all = apps.flatMap((app) =>
        Array.from({ length: 1_000 }, () => app.request().idToken()),
      )
      await call.arrived
      await clock.tickAsync(500)
      call.release()
      await clock.tickAsync(500)
      expect(new Set(await Promise.all(all)).size).to.equal(1)
      expect(provider.presented).to.deep.equal(['session-0'])
    })

    it('return another process’s new id_token before that one has released its lease', async () => {
      const call = provider.holdAnswer()
      const winner = first.request().idToken()
      await call.arrived
      const watching = second.request().idToken()
      await settle()
      const release = first.store.hold('releaseLease')
      call.release()
      await winner
      await release.arrived
      await clock.tickAsync(150)
      expect(await watching).to.equal(await winner)
      release.release()
      expect(provider.presented).to.have.length(1)
    })

    it('read the record again under the lease', async () => {
      const lease = second.store.hold('acquireLease')
      const late = second.request().idToken()
      await lease.arrived // it has read the expired record
      const early = await first.request().idToken()
      await first.refresher.drain()
      lease.release()
      expect(await late).to.equal(early)
      expect(provider.presented).to.deep.equal(['session-0'])
    })

    it('send no session token if another process has changed the record since it was read', async () => {
      const mark = second.store.hold('compareAndSet')
      const late = second.request().idToken()
      await mark.arrived // it has the lease, and has read under it
      first.store.fault('acquireLease', 'grant') // and now the store has forgotten it
      const early = await first.request().idToken()
      mark.release()
      await clock.tickAsync(150)
      expect(await late).to.equal(early)
      expect(provider.presented).to.deep.equal(['session-0'])
    })

    it('return a valid id_token that another process saved, without waiting for the early refresh', async () => {
      const token = await first.request().idToken()
      await clock.tickAsync(280_000) // still valid, and its early refresh is due
      const call = provider.holdCall()
      expect(await second.request().idToken()).to.equal(token)
      await call.arrived // the early refresh runs in the background
      call.release()
      await second.refresher.drain()
    })

    it('return a valid id_token that another process saved, after its early refresh failed', async () => {
      const token = await first.request().idToken()
      await clock.tickAsync(280_000)
      provider.fail('server-error')
      await first.request().idToken() // its early refresh fails
      await first.refresher.drain()
      expect(await second.request().idToken()).to.equal(token)
    })

    it('share the backoff: after one failed call none makes another', async () => {
      provider.fail('busy')
      const all = apps.map((app) =>
        app
          .request()
          .idToken()
          .catch((error) => error),
      )
      await clock.tickAsync(400)
      for (const error of await Promise.all(all)) {
        expect(error).to.include({ code: 'busy', status: 503 })
        expect(error.retryAfter).to.be.at.least(1)
      }
      expect(provider.presented).to.have.length(1)
    })

    it('check the backoff again under the lease', async () => {
      const lease = second.store.hold('acquireLease')
      const late = second
        .request()
        .idToken()
        .catch((error) => error)
      await lease.arrived
      provider.fail('busy')
      await first
        .request()
        .idToken()
        .catch(() => {})
      await first.refresher.drain()
      lease.release()
      expect(await late).to.include({ code: 'busy', status: 503 })
      expect(provider.presented).to.have.length(1)
    })

    it('time out after 40 s on a process that keeps renewing its lease and saves nothing', async () => {
      const store = new MemoryTokenStore()
      const app = startProcess(provider, { store })
      await logIn(app, provider)
      await expire()
      const renewal = setInterval(() => store.renewLease(`lease:${LOGIN}`, 'stuck', 20_000), 5_000)
      await store.acquireLease(`lease:${LOGIN}`, 'stuck', 20_000)
      const flight = app.refresher.refresh(LOGIN).catch((error) => error)
      await clock.tickAsync(40_200)
      clearInterval(renewal)
      expect(await flight).to.include({ code: 'timeout', status: 503, retryAfter: 1 })
    })
  })
})
