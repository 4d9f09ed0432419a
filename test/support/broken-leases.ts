import type { BrokenStore } from './broken-records.js'

const HOUR = 3_600_000

/** Stores whose leases are broken, each in one way. */
export const BROKEN_LEASES: BrokenStore[] = [
  [
    'grants a lease to everyone',
    () => ({ acquireLease: async () => true }),
    [
      'grants a lease to one owner only',
      'renews a lease for its owner only',
      'releases a lease for its owner only',
    ],
  ],
  [
    'grants a lease to nobody',
    () => ({ acquireLease: async () => false }),
    [
      'grants a lease to one owner only',
      'renews a lease for its owner only',
      'does not renew an expired lease',
      'releases a lease for its owner only',
    ],
  ],
  [
    'renews an unexpired lease for anyone',
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
    'never renews a lease',
    () => ({ renewLease: async () => false }),
    ['renews a lease for its owner only'],
  ],
  [
    'reports a lease as renewed and lets it expire',
    (right) => ({ renewLease: (key, owner) => right.renewLease(key, owner, 1) }),
    ['renews a lease for its owner only'],
  ],
  [
    'renews a lease for a former owner',
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
    'never expires a lease',
    (right) => ({ acquireLease: (key, owner) => right.acquireLease(key, owner, HOUR) }),
    ['does not renew an expired lease'],
  ],
  [
    'releases a lease for anyone',
    (right) => ({
      releaseLease: async (key) => {
        for (const owner of ['mine', 'yours']) await right.releaseLease(key, owner)
      },
    }),
    ['releases a lease for its owner only'],
  ],
  [
    'never releases a lease',
    () => ({ releaseLease: async () => undefined }),
    ['releases a lease for its owner only'],
  ],
]
