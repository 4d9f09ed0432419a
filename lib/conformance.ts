import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TokenStore } from './token-store.js'
import { sleep } from './util/timers.js'

/** One requirement of a `TokenStore`. */
export interface ConformanceTest {
  /** The requirement, as a sentence in the present tense. */
  name: string
  /** Rejects with what was observed if the store behaves differently. Takes at most 2 seconds. */
  run(): Promise<void>
}

const HOUR = 3_600_000

/**
 * What this package requires of a `TokenStore`, as tests for any test runner.
 *
 * `makeStore` may return the same store every time or, for a store that several processes share,
 * another connection to it: each test uses its own keys.
 *
 * @example
 * for (const { name, run } of conformanceTests(() => new MemoryTokenStore())) it(name, run)
 */
export function conformanceTests(
  makeStore: () => TokenStore | Promise<TokenStore>,
): ConformanceTest[] {
  return FACTS.map(([name, check]) => ({
    name,
    run: async () => check(await makeStore(), randomUUID(), await makeStore()),
  }))
}

type Check = (store: TokenStore, key: string, other: TokenStore) => Promise<void>

const FACTS: [name: string, check: Check][] = [
  [
    'returns undefined for a record that was never written',
    async (store, key) => assert.equal(await store.get(key), undefined),
  ],
  [
    'returns exactly what was written',
    async (store, key) => {
      const value = '{"a":"…\\u0000\\n\\"漢字 😀:1:"}'
      assert.equal(await store.compareAndSet(key, 0, { version: 1, value }, HOUR), true)
      assert.deepEqual(await store.get(key), { version: 1, value })
    },
  ],
  [
    'stores a record of 16 KiB',
    async (store, key) => {
      const value = 'x'.repeat(16_384)
      await store.compareAndSet(key, 0, { version: 1, value }, HOUR)
      assert.equal((await store.get(key))?.value.length, 16_384)
    },
  ],
  [
    'creates a record only if there is none',
    async (store, key) => {
      assert.equal(await store.compareAndSet(key, 0, { version: 1, value: 'first' }, HOUR), true)
      assert.equal(await store.compareAndSet(key, 0, { version: 1, value: 'second' }, HOUR), false)
      assert.equal((await store.get(key))?.value, 'first')
    },
  ],
  [
    'replaces a record only at the expected version',
    async (store, key) => {
      await store.compareAndSet(key, 0, { version: 1, value: 'one' }, HOUR)
      assert.equal(await store.compareAndSet(key, 2, { version: 3, value: 'no' }, HOUR), false)
      assert.equal(await store.compareAndSet(key, 1, { version: 2, value: 'two' }, HOUR), true)
      assert.equal(await store.compareAndSet(key, 1, { version: 2, value: 'late' }, HOUR), false)
      assert.deepEqual(await store.get(key), { version: 2, value: 'two' })
    },
  ],
  [
    'returns true when the same write is sent again, and false for any other',
    async (store, key, other) => {
      for (const [expected, value] of [
        [0, 'first'],
        [1, 'second'],
      ] as const) {
        const version = expected + 1
        const send = () => other.compareAndSet(key, expected, { version, value }, HOUR)
        assert.equal(await store.compareAndSet(key, expected, { version, value }, HOUR), true)
        assert.equal(await send(), true, 'sent again')
        const another = { version, value: `another ${value}` }
        assert.equal(await store.compareAndSet(key, expected, another, HOUR), false)
        assert.deepEqual(await store.get(key), { version, value })
      }
      const late = { version: 1, value: 'first' }
      assert.equal(await store.compareAndSet(key, 0, late, HOUR), false, 'sent again too late')
    },
  ],
  [
    'does not create a record when an existing one is expected',
    async (store, key) => {
      assert.equal(await store.compareAndSet(key, 4, { version: 5, value: 'no' }, HOUR), false)
      assert.equal(await store.get(key), undefined)
    },
  ],
  [
    'lets exactly one of many concurrent writers win',
    async (store, key, other) => {
      await store.compareAndSet(key, 0, { version: 1, value: 'start' }, HOUR)
      const wins = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 ? store : other).compareAndSet(key, 1, { version: 2, value: `${n}` }, HOUR),
        ),
      )
      assert.equal(wins.filter(Boolean).length, 1)
      assert.equal((await other.get(key))?.value, String(wins.indexOf(true)))
    },
  ],
  [
    'keeps records with other keys apart',
    async (store, key) => {
      await store.compareAndSet(`${key}:a`, 0, { version: 1, value: 'a' }, HOUR)
      await store.compareAndSet(`${key}:b`, 0, { version: 1, value: 'b' }, HOUR)
      assert.equal((await store.get(`${key}:a`))?.value, 'a')
    },
  ],
  [
    'expires a record, and accepts a new one after that',
    async (store, key) => {
      await store.compareAndSet(key, 0, { version: 1, value: 'short' }, 30)
      await eventually(
        async () => (await store.get(key)) === undefined,
        'the record is still there',
      )
      assert.equal(await store.compareAndSet(key, 0, { version: 1, value: 'new' }, HOUR), true)
    },
  ],
  [
    'uses the ttl of the last write',
    async (store, key) => {
      await store.compareAndSet(key, 0, { version: 1, value: 'short' }, 200)
      await store.compareAndSet(key, 1, { version: 2, value: 'long' }, HOUR)
      await sleep(300)
      assert.equal((await store.get(key))?.value, 'long')
    },
  ],
  [
    'grants a lease to one owner only',
    async (store, key, other) => {
      const got = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 ? store : other).acquireLease(key, `owner ${n}`, HOUR),
        ),
      )
      assert.equal(got.filter(Boolean).length, 1)
    },
  ],
  [
    'renews a lease for its owner only',
    async (store, key) => {
      await store.acquireLease(key, 'mine', 300)
      assert.equal(await store.renewLease(key, 'yours', HOUR), false)
      assert.equal(await store.renewLease(key, 'mine', HOUR), true)
      await sleep(400)
      assert.equal(await store.acquireLease(key, 'yours', HOUR), false)
    },
  ],
  [
    'does not renew an expired lease',
    async (store, key) => {
      await store.acquireLease(key, 'mine', 30)
      await eventually(
        async () => store.acquireLease(key, 'yours', HOUR),
        'the lease is still held',
      )
      assert.equal(await store.renewLease(key, 'mine', HOUR), false)
    },
  ],
  [
    'releases a lease for its owner only',
    async (store, key) => {
      await store.acquireLease(key, 'mine', HOUR)
      await store.releaseLease(key, 'yours')
      assert.equal(await store.acquireLease(key, 'yours', HOUR), false)
      await store.releaseLease(key, 'mine')
      assert.equal(await store.acquireLease(key, 'yours', HOUR), true)
    },
  ],
]

async function eventually(check: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = Date.now() + 1_500
  while (Date.now() < end) {
    if (await check()) return
    await sleep(20)
  }
  assert.fail(`${otherwise} after its ttl`)
}
