import type { BrokenStore } from './broken-records.js'

const HOUR = 3_600_000

/** Stores that keep leases wrongly, each in one way. */
export const BROKEN_LEASES: BrokenStore[] = [
  [
    'gives a lease to everybody',
    () => ({ acquireLease: async () => true }),
    [
      'grants a lease to one owner only',
      'renews a lease for its owner only',
      'releases a lease for its owner only',
    ],
  ],
  [
    'gives a lease to nobody',
    () => ({ acquireLease: async () => false }),
    [
      'grants a lease to one owner only',
      'renews a lease for its owner only',
      'does not renew an expired lease',
      'releases a lease for its owner only',
    ],
  ],
  [
    'renews a lease for anybody while it lasts',
    (right) => {
      const owners = new Map<string, string>()
      return {
        acquireLease: async (key, owner, ttl) => {
          const got = await right.acquireLease(key, owner, ttl)
          if (got) owners.set(key, owner)
          return got
        },
        renewLease: (key, owner, ttl) =>
          right.renewLease(key, owner === 'yours' ? (owners.get(key) ?? '') : owner, ttl),
      }
    },
    ['renews a lease for its owner only'],
  ],
  [
    'renews no lease',
    () => ({ renewLease: async () => false }),
    ['renews a lease for its owner only'],
  ],
  [
    'says that a lease is renewed, and lets it end',
    (right) => ({ renewLease: (key, owner) => right.renewLease(key, owner, 1) }),
    ['renews a lease for its owner only'],
  ],
  [
    'gives a lease back to whom it has left',
    (right) => {
      const owners = new Map<string, string[]>()
      return {
        acquireLease: async (key, owner, ttl) => {
          const got = await right.acquireLease(key, owner, ttl)
          if (got) owners.set(key, [...(owners.get(key) ?? []), owner])
          return got
        },
        renewLease: async (key, owner) => (owners.get(key) ?? []).includes(owner),
      }
    },
    ['renews a lease for its owner only', 'does not renew an expired lease'],
  ],
  [
    'keeps every lease for ever',
    (right) => ({ acquireLease: (key, owner) => right.acquireLease(key, owner, HOUR) }),
    ['does not renew an expired lease'],
  ],
  [
    'takes a lease back from anybody',
    (right) => ({
      releaseLease: async (key) => {
        for (const owner of ['mine', 'yours']) await right.releaseLease(key, owner)
      },
    }),
    ['releases a lease for its owner only'],
  ],
  [
    'takes no lease back',
    () => ({ releaseLease: async () => undefined }),
    ['releases a lease for its owner only'],
  ],
]
