import type { StoredRecord, TokenStore } from '../token-store.js'

/** The methods of a node-redis client, pool or cluster that are used. */
export interface NodeRedisLike {
  get(key: string): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** The methods of an ioredis client or cluster that are used. */
export interface IORedisLike {
  get(key: string): Promise<unknown>
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>
  call(command: string, ...args: string[]): Promise<unknown>
}

/** The options of `RedisTokenStore`. */
export interface RedisTokenStoreOptions {
  /** The prefix of all keys. Default `oneaccess:`. */
  prefix?: string
}

// A record is one string, `version:value`, so that a script can compare the version. A client that
// repeats a command after a lost connection finds its own write: no two writes are equal.
const COMPARE_AND_SET = `
local found = redis.call('GET', KEYS[1])
if found == ARGV[2] then return 1 end
local version = found and (string.match(found, '^(%d+):') or '-1') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

// A client that repeats a command after a lost connection must not find its own lease taken.
const ACQUIRE = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0`

const READ = `return redis.call('GET', KEYS[1])`

const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`

/** The events that clients, clusters and sentinels of both libraries emit when they have reconnected. */
const RECONNECTED = ['ready', 'node-ready', '+node', 'topology-change']

/**
 * Keeps records in Redis, so that any number of processes behave as one. Takes a client of `redis`
 * (5 or later) or `ioredis`, which the app connects and closes; each script uses one key, so a cluster
 * works too. Redis must not evict these keys: set `maxmemory-policy noeviction`. A node-redis client with
 * `socketTimeout` also needs a `reconnectStrategy`: without one, it closes for good when Redis stalls.
 *
 * @example
 * const tokenStore = new RedisTokenStore(await createClient().connect(), { prefix: 'shop:' })
 */
export class RedisTokenStore implements TokenStore {
  readonly #get: (key: string) => Promise<unknown>
  readonly #eval: (script: string, key: string, args: string[]) => Promise<unknown>
  readonly #prefix: string

  readonly #on: ((event: string, listener: () => void) => unknown) | undefined

  /** Throws a `TypeError` if the client is not one of either library. */
  constructor(client: NodeRedisLike | IORedisLike, options: RedisTokenStoreOptions = {}) {
    for (const method of ['get', 'eval'] as const) {
      if (typeof client?.[method] !== 'function') {
        throw new TypeError(
          `RedisTokenStore: the client has no method ${method}(): pass a client of redis or ioredis`,
        )
      }
    }
    const reason = whyUnsuitable(client)
    if (reason) throw new TypeError(`RedisTokenStore: ${reason}`)
    if (typeof (options.prefix ?? '') !== 'string') {
      throw new TypeError('RedisTokenStore: option prefix must be a string')
    }
    this.#prefix = options.prefix ?? 'oneaccess:'
    const { on } = client as { on?: unknown }
    this.#on =
      typeof on === 'function' ? (event, listener) => on.call(client, event, listener) : undefined
    this.#get = (key) => client.get(key)
    this.#eval = isIORedis(client)
      ? (script, key, args) => client.eval(script, 1, key, ...args)
      : (script, key, args) => client.eval(script, { keys: [key], arguments: args })
  }

  onReconnect(listener: () => void): void {
    for (const event of RECONNECTED) this.#on?.(event, listener)
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    return recordIn(await this.#get(this.#prefix + key))
  }

  /** A script runs on the primary, not on a replica. */
  async getLatest(key: string): Promise<StoredRecord | undefined> {
    return recordIn(await this.#eval(READ, this.#prefix + key, []))
  }

  compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    const text = `${record.version}:${record.value}`
    return this.#run(COMPARE_AND_SET, key, [String(expected), text, wholeNumber(ttl)])
  }

  acquireLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#run(ACQUIRE, key, [owner, wholeNumber(ttl)])
  }

  renewLease(key: string, owner: string, ttl: number): Promise<boolean> {
    return this.#run(RENEW, key, [owner, wholeNumber(ttl)])
  }

  async releaseLease(key: string, owner: string): Promise<void> {
    await this.#run(RELEASE, key, [owner])
  }

  async #run(script: string, key: string, args: string[]): Promise<boolean> {
    return Number(await this.#eval(script, this.#prefix + key, args)) === 1
  }
}

function recordIn(found: unknown): StoredRecord | undefined {
  if (found === null || found === undefined) return undefined
  const [, version, value] = /^(\d+):(.*)$/s.exec(String(found)) ?? []
  if (version === undefined || value === undefined) return { version: -1, value: '' }
  return { version: Number(version), value }
}

/** Why a client that looks suitable is not; undefined if it is. */
function whyUnsuitable(client: object): string | undefined {
  if ('internal_send_command' in client)
    return 'the client uses callbacks: use redis 5 or later, or ioredis'
  if (isLegacy(client))
    return 'the client is in legacyMode, which uses callbacks: remove that option'
  if ('commandsExecutor' in client && 'shards' in client) {
    return 'a cluster of redis 4 sends scripts to the wrong node: use redis 5 or later, or ioredis'
  }
  return undefined
}

/** A client of redis 4 has `v4` in legacy mode; otherwise its getter throws. */
function isLegacy(client: object): boolean {
  try {
    return typeof Reflect.get(client, 'v4') === 'object'
  } catch {
    return false
  }
}

function isIORedis(client: NodeRedisLike | IORedisLike): client is IORedisLike {
  return typeof (client as Partial<IORedisLike>).call === 'function'
}

function wholeNumber(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds)))
}
