import { expect } from 'chai'
import type sinon from 'sinon'
import { conformanceTests } from '../lib/conformance.js'
import { MemoryTokenStore, type TokenStore } from '../lib/index.js'
import { BROKEN_LEASES } from './support/broken-leases.js'
import { BROKEN_RECORDS, storeWith } from './support/broken-records.js'
import { fakeClock } from './support/clock.js'

describe('conformanceTests', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => {
    clock = fakeClock()
  })
  afterEach(() => {
    clock.restore()
  })

  /** The tests that a store fails, with their errors. Each must settle within 2 s. */
  async function failuresOf(makeStore: () => TokenStore | Promise<TokenStore>) {
    const failures = new Map<string, unknown>()
    for (const { name, run } of conformanceTests(makeStore)) {
      let outcome: unknown = 'still running'
      run().then(
        () => {
          outcome = undefined
        },
        (error) => {
          outcome = error
        },
      )
      await clock.tickAsync(2_000)
      if (outcome !== undefined) failures.set(name, outcome)
    }
    return failures
  }
  const failedNames = async (makeStore: () => TokenStore | Promise<TokenStore>) => [
    ...(await failuresOf(makeStore)).keys(),
  ]

  it('pass with a correct store, also twice with the same one, returned in a promise', async () => {
    const store = new MemoryTokenStore()
    for (const _ of [1, 2]) expect(await failedNames(async () => store)).to.deep.equal([])
  })

  it('pass with a store that grants a lease to its owner again, as for a retried command', async () => {
    const store = storeWith((right) => ({
      acquireLease: async (key, owner, ttl) =>
        (await right.acquireLease(key, owner, ttl)) || right.renewLease(key, owner, ttl),
    }))
    expect(await failedNames(() => store)).to.deep.equal([])
  })

  for (const [how, change, facts] of [...BROKEN_RECORDS, ...BROKEN_LEASES]) {
    it(`fail with a store that ${how}`, async () => {
      const store = storeWith(change)
      const failures = await failuresOf(() => store)
      expect([...failures.keys()]).to.deep.equal(facts)
      for (const error of failures.values())
        expect(error).to.have.property('name', 'AssertionError')
    })
  }

  it('fail with a store whose connections have separate records and leases', async () => {
    expect(await failedNames(() => new MemoryTokenStore())).to.deep.equal([
      'lets exactly one of many concurrent writers win',
      'grants a lease to one owner only',
    ])
  })

  it('report a record or a lease that does not expire', async () => {
    const stays = storeWith((right) => ({
      acquireLease: (key, owner) => right.acquireLease(key, owner, 3_600_000),
      compareAndSet: (key, expected, record) =>
        right.compareAndSet(key, expected, record, 3_600_000),
    }))
    const failures = await failuresOf(() => stays)
    expect([...failures.values()].map(String)).to.deep.equal([
      'AssertionError [ERR_ASSERTION]: the record is still there after its ttl',
      'AssertionError [ERR_ASSERTION]: the lease is still held after its ttl',
    ])
  })
})
