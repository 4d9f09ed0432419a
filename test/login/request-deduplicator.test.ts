import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import sinon from 'sinon'
import { fail, type Outcome } from '../../lib/login/outcome.js'
import { type Delivery, RequestDeduplicator } from '../../lib/login/request-deduplicator.js'
import { type PendingLogin, pendingLogin } from '../../lib/session/pending-logins.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { TokenRecord } from '../../lib/tokens/record.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'
import { deferred } from '../support/deferred.js'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('RequestDeduplicator', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.now(), toFake: ['Date', 'performance'] })
  })
  afterEach(() => clock.restore())

  const counting = (outcome: () => Outcome) => {
    let calls = 0
    const work = async (remember: () => void) => {
      calls++
      remember()
      return outcome()
    }
    return { work, count: () => calls }
  }
  const from = (session: string, formerSession?: string, code = 'code'): Delivery => ({
    name: 'state',
    code,
    session,
    formerSession,
  })
  const spentAs = (outcome: Outcome) => async (remember: () => void) => {
    remember()
    return outcome
  }

  it('gives a second delivery in the same session the result of the first, for a minute', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    const first = await deduplicator.once(from('s1'), work)
    clock.tick(59_000)
    expect(await deduplicator.once(from('s1'), work)).to.equal(first)
    expect(count()).to.equal(1)
    clock.tick(2_000)
    await deduplicator.once(from('s1'), work)
    expect(count()).to.equal(2)
  })

  for (const [duration, back] of [
    ['61 minutes', 3_600_000],
    ['2 minutes', 60_000],
    ['a minute', 0],
  ] as const) {
    it(`forgets a result after a minute even when the clock is set back by ${duration}`, async () => {
      const deduplicator = new RequestDeduplicator('state_spent')
      const { work, count } = counting(() => fail('declined'))
      const began = Date.now()
      await deduplicator.once(from('s1'), work)
      clock.tick(61_000)
      clock.setSystemTime(began + 1_000 - back)
      await deduplicator.once(from('s1'), work)
      expect(count()).to.equal(2)
    })
  }

  it('forgets a result after the machine has slept, when only the wall clock has advanced', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1'), work)
    clock.setSystemTime(Date.now() + 8 * 3_600_000)
    await deduplicator.once(from('s1'), work)
    expect(count()).to.equal(2)
  })

  it('fails with state_spent, now and later, once the session names the login as leftRecord', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const records = new TokenRepository(new MemoryTokenStore(), noSeal, 1_000)
    const device = { osVersion: '', fingerprint: '', ip: '', agent: '' }
    const login = pendingLogin({ sessionToken: 'st', refreshedAt: Date.now(), device })
    const success: Outcome = { verb: 'success', user: { id: 'u1' }, info: {}, login }
    await deduplicator.once(from('s1'), spentAs(success))
    await login.createIn(records)
    const again = (leftRecord?: string) =>
      deduplicator.once({ ...from('s1'), leftRecord }, spentAs(fail('no_user')))
    expect(await again('another')).to.equal(success)
    expect(await again(login.id)).to.deep.equal(fail('state_spent'))
    expect(await again(), 'from now on').to.deep.equal(fail('state_spent'))
  })

  it('does not remember an outcome without remember(), not even for a session that joined', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const end = deferred<Outcome>()
    const first = deduplicator.once(from('s1'), () => end.promise)
    const joined = deduplicator.once(from('s2', 's1'), async () => fail('code_refused'))
    end.resolve({ verb: 'error', error: new Error('away') })
    await Promise.all([first, joined])
    const { work, count } = counting(() => fail('declined'))
    const third = await deduplicator.once(from('s2', 's1'), work)
    expect([third.verb, count()]).to.deep.equal(['fail', 1])
  })

  it('does not give the result to another session', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1'), work)
    await deduplicator.once(from('s2'), work)
    expect(count()).to.equal(2)
  })

  it('does not give the result to a delivery with another code or none', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const first = await deduplicator.once(from('s1'), spentAs(fail('declined')))
    for (const code of ['other', '']) {
      const other = await deduplicator.once(from('s1', undefined, code), async () =>
        fail('state_spent'),
      )
      expect(other).to.deep.equal(fail('state_spent'))
    }
    const { work, count } = counting(() => fail('no_user'))
    expect(await deduplicator.once(from('s1'), work)).to.equal(first)
    expect(count()).to.equal(0)
  })

  it('gives the result to the session that replaced the first, and to its successor, for a minute', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1', 's0'), work)
    clock.tick(30_000)
    await deduplicator.once(from('s2', 's1'), work)
    await deduplicator.once(from('s3', 's2'), work)
    expect(count()).to.equal(1)
    clock.tick(31_000)
    await deduplicator.once(from('s3', 's2'), work)
    expect(count()).to.equal(2)
  })

  it('does not give the result to another session with the same former session', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1', 's0'), work)
    await deduplicator.once(from('s2', 's0'), work)
    await deduplicator.once(from('s0'), work)
    expect(count()).to.equal(3)
  })

  it('makes a second delivery wait for the first, even if another session came before both', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { promise, resolve } = deferred<Outcome>()
    const stranger = deduplicator.once(from('s2'), async () => fail('state_unknown'))
    const first = deduplicator.once(from('s1'), () => promise)
    const second = deduplicator.once(from('s1'), async () => fail('state_spent'))
    resolve(fail('declined'))
    expect(await second).to.equal(await first)
    expect(await stranger).to.deep.equal(fail('state_unknown'))
  })

  it('remembers the delivery that spent the state, of two concurrent ones with different codes', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { promise, resolve } = deferred<Outcome>()
    const loser = deduplicator.once(from('s1', undefined, 'loser'), () => promise)
    const winner = await deduplicator.once(from('s1'), spentAs(fail('declined')))
    resolve(fail('state_spent'))
    await loser
    const { work, count } = counting(() => fail('no_user'))
    expect(await deduplicator.once(from('s1'), work)).to.equal(winner)
    expect(count()).to.equal(0)
  })

  it('does not remember an error or a failure that spent nothing', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const broken = deduplicator.once(from('s1'), async () => {
      throw new Error('the store is down')
    })
    await broken.catch(() => {})
    await deduplicator.once(from('s1'), async () => fail('state_unknown'))
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1'), work)
    expect(count()).to.equal(1)
  })

  it('remembers an error after the code was spent', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const error = new Error('too slow')
    const work = async (remember: () => void): Promise<Outcome> => {
      remember()
      throw error
    }
    await deduplicator.once(from('s1'), work).catch(() => {})
    const second = deduplicator.once(from('s1'), spentAs(fail('state_spent')))
    expect(await second.catch((found: unknown) => found)).to.equal(error)
  })

  it('repeats a login unless the user has logged out since', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    let loggedOut = false
    const login = { id: 'r1', hasLoggedOut: async () => loggedOut } as PendingLogin
    const success: Outcome = { verb: 'success', user: { id: 'u1' }, info: {}, login }
    await deduplicator.once(from('s1'), spentAs(success))
    expect(await deduplicator.once(from('s1'), spentAs(fail('no_user')))).to.equal(success)
    loggedOut = true
    const late = await deduplicator.once(from('s1'), spentAs(fail('no_user')))
    expect(late).to.deep.equal(fail('state_spent'))
  })

  it('checks the store for a logout, which another process may have written', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const store = new MemoryTokenStore()
    const [here, there] = [1, 2].map(() => new TokenRepository(store, noSeal, 1_000))
    const device = { osVersion: '', fingerprint: '', ip: '', agent: '' }
    const record: TokenRecord = { sessionToken: 'st', refreshedAt: Date.now(), device }
    const login = pendingLogin(record)
    const success: Outcome = { verb: 'success', user: { id: 'u1' }, info: {}, login }
    await deduplicator.once(from('s1'), spentAs(success))
    if (here) await login.createIn(here)
    expect(await deduplicator.once(from('s1'), spentAs(fail('no_user')))).to.equal(success)
    await there?.end(login.id, 'logout')
    const late = await deduplicator.once(from('s1'), spentAs(fail('no_user')))
    expect(late).to.deep.equal(fail('state_spent'))
  })

  it('removes expired results from memory, because they hold tokens', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    let result: WeakRef<Outcome> | undefined
    await deduplicator.once(from('s1'), async (remember) => {
      remember()
      const outcome = fail('declined')
      result = new WeakRef(outcome)
      return outcome
    })
    clock.tick(61_000)
    await deduplicator.once(from('s2'), async () => fail('declined'))
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(result?.deref()).to.equal(undefined)
  })
})
