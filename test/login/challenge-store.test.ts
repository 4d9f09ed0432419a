import { expect } from 'chai'
import sinon from 'sinon'
import {
  CHALLENGE_LIFE,
  ChallengeStore,
  MOST_TRIES,
  type OpenChallenge,
} from '../../lib/login/challenge-store.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'

const device = { osVersion: 'Linux', fingerprint: 'f', ip: '127.0.0.1', agent: 'test' }

function challenge(stateToken: string): OpenChallenge {
  const at = Date.now()
  return { status: 'SOCIAL_BIND', flows: [], stateToken, context: { device }, at, tries: 0 }
}

const challengesIn = (store: MemoryTokenStore) =>
  new ChallengeStore(new TokenRepository(store, noSeal, 1_000))

describe('ChallengeStore', () => {
  let clock: sinon.SinonFakeTimers
  let store: MemoryTokenStore
  let challenges: ChallengeStore
  let opened: OpenChallenge
  beforeEach(async () => {
    clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    store = new MemoryTokenStore()
    challenges = challengesIn(store)
    opened = { ...challenge('first'), appState: 'cart' }
    await challenges.open('session', opened)
  })
  afterEach(() => clock.restore())

  const sent = { contact: { mobile: '13900001111' }, action: 'bind' } as const
  const damage = async (change: (text: string) => string) => {
    const { version, value } = (await store.get('challenge:session')) ?? { version: 0, value: '' }
    const next = { version: version + 1, value: change(value) }
    expect(
      await store.compareAndSet('challenge:session', version, next, 10 * CHALLENGE_LIFE),
    ).to.equal(true)
  }

  it('finds a challenge under its own id only', async () => {
    expect(await challenges.find('session')).to.deep.equal(opened)
    expect(await challenges.find('another')).to.equal(undefined)
  })

  it('counts tries, gives one back, and allows 5', async () => {
    expect(await challenges.countTry('session')).to.deep.equal({ ...opened, tries: 1 })
    await challenges.giveBack('session', opened)
    expect(await challenges.find('session')).to.deep.equal(opened)
    const counted = []
    for (let n = 0; n <= MOST_TRIES; n++)
      counted.push((await challenges.countTry('session'))?.tries)
    expect(counted).to.deep.equal([1, 2, 3, 4, 5, undefined])
    expect(await challenges.find('session')).to.have.property('tries', MOST_TRIES)
  })

  it('allows 5 of 12 concurrent tries in two processes', async () => {
    const other = challengesIn(store)
    const tries = await Promise.all(
      Array.from({ length: 12 }, (_, n) => (n % 2 ? challenges : other).countTry('session')),
    )
    expect(tries.map((one) => one?.tries ?? 0).sort()).to.deep.equal([
      ...Array(7).fill(0),
      1,
      2,
      3,
      4,
      5,
    ])
  })

  it('stores where a code was sent, and changes nothing else', async () => {
    await challenges.countTry('session')
    await challenges.note('session', opened, { sent })
    expect(await challenges.find('session')).to.deep.equal({ ...opened, tries: 1, sent })
  })

  it('writes nothing for an id without a challenge', async () => {
    expect(await challenges.countTry('another')).to.equal(undefined)
    await challenges.note('another', opened, { sent })
    await challenges.giveBack('another', opened)
    await challenges.close('another', opened)
    expect(await store.get('challenge:another')).to.equal(undefined)
  })

  it('removes the state token when a challenge is closed', async () => {
    await challenges.close('session', opened)
    const text = (await store.get('challenge:session'))?.value
    expect(JSON.parse(text?.slice(text.indexOf('{')) ?? '')).to.include({ at: 0, stateToken: '' })
    expect(await challenges.countTry('session')).to.equal(undefined)
  })

  it('keeps a challenge for exactly 10 minutes after it was opened, regardless of tries', async () => {
    clock.tick(CHALLENGE_LIFE - 1)
    await challenges.countTry('session') // extends the life of the record, not of the challenge
    clock.tick(1)
    expect(await challenges.find('session')).to.have.property('stateToken', 'first')
    clock.tick(1)
    expect(await challenges.find('session')).to.equal(undefined)
    expect(await challenges.countTry('session')).to.equal(undefined)
  })

  it('replaces a closed challenge', async () => {
    await challenges.close('session', opened)
    const next = challenge('next')
    await challenges.open('session', next)
    expect(await challenges.find('session')).to.deep.equal(next)
  })

  for (const text of [
    '',
    'not JSON',
    'null',
    '[]',
    '{}',
    '{"at":1767225600000}',
    '{"at":"1767225600000","context":{}}',
    '{"at":1767225600000,"context":"none"}',
    '{"context":{}}',
  ]) {
    it(`treats a damaged record as missing: ${text || 'empty'}`, async () => {
      await damage(() => text)
      expect(await challenges.find('session')).to.equal(undefined)
      await challenges.open('session', opened)
      expect(await challenges.find('session')).to.deep.equal(opened)
    })
  }

  it('errors with 503 store_failed after 50 lost writes', async () => {
    let writes = 0
    store.compareAndSet = async () => {
      writes++
      return false
    }
    const error = await challenges.countTry('session').catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'store_failed', status: 503 })
    expect(String(error)).to.include('the record changed too often')
    expect(writes).to.equal(50)
  })
})

describe('ChallengeStore, when another tab replaces the challenge in progress', () => {
  const first = challenge('first')
  const second = challenge('second')
  let challenges: ChallengeStore
  beforeEach(async () => {
    challenges = challengesIn(new MemoryTokenStore())
    await challenges.open('session', first)
    await challenges.countTry('session')
    await challenges.open('session', second)
  })

  it('does not close the new challenge when the old one is closed', async () => {
    await challenges.close('session', first)
    expect(await challenges.find('session')).to.deep.equal(second)
    await challenges.close('session', second)
    expect(await challenges.find('session')).to.equal(undefined)
  })

  it('does not store the contact of the old challenge in the new one', async () => {
    const sent = { contact: { mobile: '13900001111' }, action: 'bind' } as const
    await challenges.note('session', first, { sent })
    expect(await challenges.find('session')).to.deep.equal(second)
  })

  it('does not give back a try of the old challenge to the new one', async () => {
    await challenges.giveBack('session', first)
    expect(await challenges.find('session')).to.have.property('tries', 0)
  })
})
