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

  it('gives a second delivery in the same session the first one’s result, for a minute', async () => {
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

  for (const [how, back] of [
    ['by an hour', 3_600_000],
    ['by a minute', 60_000],
    ['as it passes', 0],
  ] as const) {
    it(`lets no result outlive its minute when the clock is set back: ${how}`, async () => {
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

  it('gives no result after a night in which the machine slept and no time passed', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1'), work)
    clock.setSystemTime(Date.now() + 8 * 3_600_000)
    await deduplicator.once(from('s1'), work)
    expect(count()).to.equal(2)
  })

  it('ends a login of which the session still names the record, though its user has left', async () => {
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

  it('forgets what was not to be remembered, also for the session that has joined', async () => {
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

  it('gives another session nothing of it', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1'), work)
    await deduplicator.once(from('s2'), work)
    expect(count()).to.equal(2)
  })

  it('gives another code nothing of it, and none neither', async () => {
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

  it('gives it to the session that has replaced the first one, and to the next, for one minute', async () => {
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

  it('gives nothing of it to another session with the same ancestor', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { work, count } = counting(() => fail('declined'))
    await deduplicator.once(from('s1', 's0'), work)
    await deduplicator.once(from('s2', 's0'), work)
    await deduplicator.once(from('s0'), work)
    expect(count()).to.equal(3)
  })

  it('makes a second delivery wait for the first, though a stranger came before both', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    const { promise, resolve } = deferred<Outcome>()
    const stranger = deduplicator.once(from('s2'), async () => fail('state_unknown'))
    const first = deduplicator.once(from('s1'), () => promise)
    const second = deduplicator.once(from('s1'), async () => fail('state_spent'))
    resolve(fail('declined'))
    expect(await second).to.equal(await first)
    expect(await stranger).to.deep.equal(fail('state_unknown'))
  })

  it('remembers of two codes at once the one that was spent', async () => {
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

  it('remembers no error and no failure by which nothing was spent', async () => {
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

  it('remembers an error by which the code was spent', async () => {
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

  it('returns a login again, unless the user has logged out since', async () => {
    const deduplicator = new RequestDeduplicator('state_spent')
    let over = false
    const login = { id: 'r1', isOver: async () => over } as PendingLogin
    const success: Outcome = { verb: 'success', user: { id: 'u1' }, info: {}, login }
    await deduplicator.once(from('s1'), spentAs(success))
    expect(await deduplicator.once(from('s1'), spentAs(fail('no_user')))).to.equal(success)
    over = true
    const late = await deduplicator.once(from('s1'), spentAs(fail('no_user')))
    expect(late).to.deep.equal(fail('state_spent'))
  })

  it('asks the store for a logout, which another process may have written', async () => {
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
