import { MemoryTokenStore, type StoredRecord, type TokenStore } from '../../lib/index.js'

/** How a store is broken, the change that breaks it, and the conformance tests that fail then. */
export type BrokenStore = [how: string, change: Change, facts: string[]]

type Change = (right: TokenStore) => Partial<TokenStore>

/** A correct store with this change. */
export function storeWith(change: Change): TokenStore {
  const inner = new MemoryTokenStore()
  const right: TokenStore = {
    get: (key) => inner.get(key),
    compareAndSet: (key, expected, record, ttl) => inner.compareAndSet(key, expected, record, ttl),
    acquireLease: (key, owner, ttl) => inner.acquireLease(key, owner, ttl),
    renewLease: (key, owner, ttl) => inner.renewLease(key, owner, ttl),
    releaseLease: (key, owner) => inner.releaseLease(key, owner),
  }
  return { ...right, ...change(right) }
}

const HOUR = 3_600_000

/** Overwrites any version. */
async function force(right: TokenStore, key: string, record: StoredRecord, ttl = HOUR) {
  const version = (await right.get(key))?.version ?? 0
  await right.compareAndSet(key, version, record, ttl)
}

/** Stores whose records are broken, each in one way. */
export const BROKEN_RECORDS: BrokenStore[] = [
  [
    'stores nothing',
    () => ({ get: async () => undefined }),
    [
      'returns exactly what was written',
      'stores a record of 16 KiB',
      'creates a record only if there is none',
      'replaces a record only at the expected version',
      'returns true when the same write is sent again, and false for any other',
      'lets exactly one of many concurrent writers win',
      'keeps records with other keys apart',
      'expires a record, and accepts a new one after that',
      'uses the ttl of the last write',
    ],
  ],
  [
    'returns null for a missing record',
    (right) => ({ get: async (key) => (await right.get(key)) ?? (null as never) }),
    [
      'returns undefined for a record that was never written',
      'does not create a record when an existing one is expected',
      'expires a record, and accepts a new one after that',
    ],
  ],
  [
    'returns 1 instead of true for a write',
    (right) => ({
      compareAndSet: async (...given) =>
        ((await right.compareAndSet(...given)) ? 1 : false) as never,
    }),
    [
      'returns exactly what was written',
      'creates a record only if there is none',
      'replaces a record only at the expected version',
      'returns true when the same write is sent again, and false for any other',
      'lets exactly one of many concurrent writers win',
      'expires a record, and accepts a new one after that',
    ],
  ],
  [
    'stores one byte of each character',
    (right) => ({
      compareAndSet: (key, expected, { version, value }, ttl) => {
        const narrow = Buffer.from(value, 'latin1').toString('latin1')
        return right.compareAndSet(key, expected, { version, value: narrow }, ttl)
      },
    }),
    ['returns exactly what was written'],
  ],
  [
    'returns the version as a string',
    (right) => ({
      get: async (key) => {
        const found = await right.get(key)
        return found && { ...found, version: String(found.version) as never }
      },
    }),
    [
      'returns exactly what was written',
      'replaces a record only at the expected version',
      'returns true when the same write is sent again, and false for any other',
    ],
  ],
  [
    'truncates a record of 16 KiB',
    (right) => ({
      compareAndSet: (key, expected, { version, value }, ttl) =>
        right.compareAndSet(key, expected, { version, value: value.slice(0, 16_383) }, ttl),
    }),
    ['stores a record of 16 KiB'],
  ],
  [
    'overwrites an existing record on create',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        if (expected !== 0) return right.compareAndSet(key, expected, record, ttl)
        await force(right, key, record, ttl)
        return true
      },
    }),
    [
      'creates a record only if there is none',
      'returns true when the same write is sent again, and false for any other',
    ],
  ],
  [
    'returns false for a create over an existing record, and writes it',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const done = await right.compareAndSet(key, expected, record, ttl)
        if (!done && expected === 0) await force(right, key, record, ttl)
        return done
      },
    }),
    [
      'creates a record only if there is none',
      'returns true when the same write is sent again, and false for any other',
    ],
  ],
  [
    'replaces a record that is older than expected',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const version = (await right.get(key))?.version ?? 0
        const at = version > 0 && version < expected ? version : expected
        return right.compareAndSet(key, at, record, ttl)
      },
    }),
    ['replaces a record only at the expected version'],
  ],
  [
    'replaces a record that is newer than expected',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const version = (await right.get(key))?.version ?? 0
        const at = expected > 0 && version > expected ? version : expected
        return right.compareAndSet(key, at, record, ttl)
      },
    }),
    [
      'replaces a record only at the expected version',
      'returns true when the same write is sent again, and false for any other',
    ],
  ],
  [
    'returns false for a late write, and writes it',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const done = await right.compareAndSet(key, expected, record, ttl)
        if (!done && record.value === 'late') await force(right, key, record, ttl)
        return done
      },
    }),
    ['replaces a record only at the expected version'],
  ],
  [
    'never replaces a record',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) =>
        expected === 0 && right.compareAndSet(key, expected, record, ttl),
    }),
    [
      'replaces a record only at the expected version',
      'returns true when the same write is sent again, and false for any other',
      'lets exactly one of many concurrent writers win',
      'uses the ttl of the last write',
    ],
  ],
  [
    'creates a record when an existing one is expected',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const there = await right.get(key)
        return right.compareAndSet(key, there ? expected : 0, record, ttl)
      },
    }),
    ['does not create a record when an existing one is expected'],
  ],
  [
    'returns false when an existing record is expected, and creates it',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const there = await right.get(key)
        const done = await right.compareAndSet(key, expected, record, ttl)
        if (!there && !done) await force(right, key, record, ttl)
        return done
      },
    }),
    ['does not create a record when an existing one is expected'],
  ],
  [
    'compares and sets in two steps that are not atomic',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const version = (await right.get(key))?.version ?? 0
        if (version !== expected) return false
        await new Promise((resolve) => setTimeout(resolve, 1))
        await force(right, key, record, ttl)
        return true
      },
    }),
    [
      'returns true when the same write is sent again, and false for any other',
      'lets exactly one of many concurrent writers win',
    ],
  ],
  [
    'writes for every concurrent writer, and returns true to one',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const done = await right.compareAndSet(key, expected, record, ttl)
        if (!done && /^\d+$/.test(record.value)) await force(right, key, record, ttl)
        return done
      },
    }),
    ['lets exactly one of many concurrent writers win'],
  ],
  [
    'treats keys with the same first 36 characters as one',
    (right) => ({
      get: (key) => right.get(key.slice(0, 36)),
      compareAndSet: async (key, _expected, record, ttl) => {
        if (key.length === 36) return right.compareAndSet(key, _expected, record, ttl)
        await force(right, key.slice(0, 36), record, ttl)
        return true
      },
    }),
    ['keeps records with other keys apart'],
  ],
  [
    'never expires a record',
    (right) => ({
      compareAndSet: (key, expected, record) => right.compareAndSet(key, expected, record, HOUR),
    }),
    ['expires a record, and accepts a new one after that'],
  ],
  [
    'hides an expired record and accepts no new one',
    (right) => {
      const ends = new Map<string, number>()
      return {
        get: async (key) => (Date.now() < (ends.get(key) ?? 0) ? right.get(key) : undefined),
        compareAndSet: async (key, expected, record, ttl) => {
          const done = await right.compareAndSet(key, expected, record, HOUR)
          if (done) ends.set(key, Date.now() + ttl)
          return done
        },
      }
    },
    ['expires a record, and accepts a new one after that'],
  ],
  [
    'keeps the ttl of the first write',
    (right) => {
      const ends = new Map<string, number>()
      return {
        compareAndSet: (key, expected, record, ttl) => {
          const end = expected === 0 ? Date.now() + ttl : (ends.get(key) ?? 0)
          ends.set(key, end)
          return right.compareAndSet(key, expected, record, Math.max(end - Date.now(), 0))
        },
      }
    },
    ['uses the ttl of the last write'],
  ],
  [
    'returns false when the same write is sent again',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const version = (await right.get(key))?.version ?? 0
        return version === expected && right.compareAndSet(key, expected, record, ttl)
      },
    }),
    ['returns true when the same write is sent again, and false for any other'],
  ],
  [
    'returns true for any write of the same version',
    (right) => ({
      compareAndSet: async (key, expected, record, ttl) => {
        const version = (await right.get(key))?.version
        return version === record.version || right.compareAndSet(key, expected, record, ttl)
      },
    }),
    [
      'creates a record only if there is none',
      'replaces a record only at the expected version',
      'returns true when the same write is sent again, and false for any other',
    ],
  ],
]
