import { expect } from 'chai'
import sinon from 'sinon'
import { type Guess, GuessLimit, MOST_GUESSES } from '../../lib/login/guess-limit.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'

const contact = { mobile: '15200000003' }

describe('GuessLimit', () => {
  let clock: sinon.SinonFakeTimers
  let store: MemoryTokenStore
  let limit: GuessLimit
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    store = new MemoryTokenStore()
    limit = new GuessLimit(new TokenRepository(store, noSeal, 1_000), 'secret')
  })
  afterEach(() => clock.restore())

  const use = async (n: number) => {
    for (let guess = 0; guess < n; guess++) await limit.count(contact)
  }

  it('allows 10 guesses, then returns the wait until the next one', async () => {
    await use(1)
    clock.tick(600_000)
    await use(MOST_GUESSES - 1)
    expect(await limit.count(contact)).to.deep.equal({ wait: 3_000 })
    clock.tick(3_000_000 - 1)
    expect(await limit.count(contact)).to.deep.equal({ wait: 1 })
    clock.tick(1)
    expect(await limit.count(contact)).to.have.property('at')
    expect(await limit.count(contact)).to.deep.equal({ wait: 600 })
  })

  it('gives back the first guess', async () => {
    const first = (await limit.count(contact)) as Guess
    clock.tick(1)
    await use(MOST_GUESSES - 1)
    await limit.giveBack(first)
    expect(await limit.count(contact)).to.have.property('at')
  })

  it('gives back a guess once', async () => {
    await use(MOST_GUESSES - 1)
    clock.tick(1)
    const last = (await limit.count(contact)) as Guess
    await limit.giveBack(last)
    await limit.giveBack(last)
    expect(await limit.count(contact)).to.have.property('at')
    expect(await limit.count(contact)).to.have.property('wait')
  })

  const same: [string, string][] = [
    ['15200000003', '+86-15200000003'],
    ['15200000003', '+86 152 0000 0003'],
    ['15200000003', '008615200000003'],
    ['15200000003', '8615200000003'],
    ['15200000003', '015200000003'],
    ['+85291234567', '0085291234567'],
    ['+85291234567', '852 9123 4567'],
    ['+9115200000003', '9115200000003'],
    ['+152000000031', '152000000031'],
    ['min@example.com', 'Min@Example.COM'],
    ['min@example.com', 'ｍｉｎ＠example.com'],
    ['min@例子.com', 'min@xn--fsqu00a.com'],
  ]
  const asContact = (text: string) => (/[@＠]/.test(text) ? { email: text } : { mobile: text })
  for (const [first, second] of same) {
    it(`counts ${second} together with ${first}`, async () => {
      for (let n = 0; n < MOST_GUESSES; n++) await limit.count(asContact(first))
      expect(await limit.count(asContact(second))).to.have.property('wait')
    })
  }

  const different: [string, string][] = [
    ['15200000003', '15200000004'],
    ['15200000003', '+1-5200000003'],
    ['15200000003', '0015200000003'],
    ['998615200000003', '978615200000003'],
    ['15200000003', 'min@example.com'],
    ['min@example.com', 'min@example.org'],
    ['min@例子.com', 'min@例え.com'],
  ]
  for (const [first, second] of different) {
    it(`counts ${second} separately from ${first}`, async () => {
      for (let n = 0; n < MOST_GUESSES; n++) await limit.count(asContact(first))
      expect(await limit.count(asContact(second))).to.have.property('at')
    })
  }

  it('stores the contact only as a hash keyed with the secret', async () => {
    const keys: string[] = []
    const set = store.compareAndSet.bind(store)
    store.compareAndSet = (key, ...more) => {
      keys.push(key, JSON.stringify(more))
      return set(key, ...more)
    }
    await use(1)
    const other = new GuessLimit(new TokenRepository(store, noSeal, 1_000), 'another secret')
    await other.count(contact)
    expect(keys.join()).to.not.include('15200000003')
    expect(keys[0]).to.match(/^guesses:[0-9a-f]{32}$/)
    expect(keys[2]).to.match(/^guesses:[0-9a-f]{32}$/)
    expect(keys[0]).to.not.equal(keys[2])
  })

  it('starts over when the record is damaged', async () => {
    await use(MOST_GUESSES)
    const get = store.get.bind(store)
    for (const value of ['', 'null', '{}', '["x"]']) {
      store.get = async (key) => {
        const found = await get(key)
        return found && { ...found, value }
      }
      expect(await limit.count(contact), value).to.have.property('at')
    }
  })
})
