import type { StoredRecord, TokenStore } from '../token-store.js'

/** What of node-redis' client, pool or cluster is used. */
export interface NodeRedisLike {
  get(key: string): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** What of ioredis' client or cluster is used. */
export interface IORedisLike {
  get(key: string): Promise<unknown>
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>
  call(command: string, ...args: string[]): Promise<unknown>
}

/** How a `RedisTokenStore` is made. */
export interface RedisTokenStoreOptions {
  /** What the keys begin with. Default `oneaccess:`. */
  prefix?: string
}

// A record is one string, `version:value`, so that its version is compared where it lies.
const COMPARE_AND_SET = `
local found = redis.call('GET', KEYS[1])
local version = found and (string.match(found, '^(%d+):') or '-1') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

// A client that sends a command again after a lost connection must not find its own lease taken.
const ACQUIRE = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0`

const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/**
 * Keeps records in Redis, so that any number of processes behave as one. Takes a client of `redis`
 * (5 and later) or of `ioredis`, connected by the app and closed by the app; each script touches one
 * key, so that a cluster will do too. Redis must not evict these keys: `maxmemory-policy noeviction`.
 */
export class RedisTokenStore implements TokenStore {
  readonly #get: (key: string) => Promise<unknown>
  readonly #eval: (script: string, key: string, args: string[]) => Promise<unknown>
  readonly #prefix: string

  /** Throws a `TypeError` when the client has not the shape of either. */
  constructor(client: NodeRedisLike | IORedisLike, options: RedisTokenStoreOptions = {}) {
    for (const method of ['get', 'eval'] as const) {
      if (typeof client?.[method] !== 'function') {
        throw new TypeError(
          `RedisTokenStore: the client lacks ${method}(), give one of redis or ioredis`,
        )
      }
    }
    if (typeof (options.prefix ?? '') !== 'string') {
      throw new TypeError('RedisTokenStore: option prefix must be a string')
    }
    this.#prefix = options.prefix ?? 'oneaccess:'
    this.#get = (key) => client.get(key)
    this.#eval = isIORedis(client)
      ? (script, key, args) => client.eval(script, 1, key, ...args)
      : (script, key, args) => client.eval(script, { keys: [key], arguments: args })
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    const found = await this.#get(this.#prefix + key)
    if (found === null || found === undefined) return undefined
    const [, version, value] = /^(\d+):(.*)$/s.exec(String(found)) ?? []
    if (version === undefined || value === undefined) return { version: -1, value: '' }
    return { version: Number(version), value }
  }

  compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    const text = `${record.version}:${record.value}`
    return this.#run(COMPARE_AND_SET, key, [String(expected), text, whole(ttl)])
  }

  acquireLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#run(ACQUIRE, key, [owner, whole(ttl)])
  }

  renewLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#run(RENEW, key, [owner, whole(ttl)])
  }

  async releaseLease(key: string, owner: string): Promise<void> {
    await this.#run(RELEASE, key, [owner])
  }

  async #run(script: string, key: string, args: string[]): Promise<boolean> {
    return Number(await this.#eval(script, this.#prefix + key, args)) === 1
  }
}

function isIORedis(client: NodeRedisLike | IORedisLike): client is IORedisLike {
  return typeof (client as Partial<IORedisLike>).call === 'function'
}

function whole(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds)))
}
