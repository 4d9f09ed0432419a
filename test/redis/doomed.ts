// Refreshes one record and stops at the point that its argument names, where the test kills the process.
import { createClient } from 'redis'
import { OneAccessClient } from '../../lib/index.js'
import { RedisTokenStore } from '../../lib/redis.js'
import type { StoredRecord } from '../../lib/token-store.js'
import { Refresher } from '../../lib/tokens/refresh.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'
import type { CrashConfig } from './doom.js'

const config = JSON.parse(process.argv[2] ?? '') as CrashConfig

/** A refresh writes twice: first a mark that it has started, then the new tokens. */
class CrashingStore extends RedisTokenStore {
  #writes = 0

  override async compareAndSet(
    key: string,
    expected: number,
    record: StoredRecord,
    ttl: number,
  ): Promise<boolean> {
    this.#writes += 1
    if (this.#writes === 2 && config.point === 'before the save') return this.#stopHere()
    const written = await super.compareAndSet(key, expected, record, ttl)
    const after = this.#writes === 1 ? 'before the call' : 'after the save'
    return config.point === after ? this.#stopHere() : written
  }

  #stopHere(): Promise<boolean> {
    process.send?.('reached')
    return new Promise(() => {})
  }
}

const redis = createClient({ url: config.redis })
await redis.connect()
// longer than the test lets the process live
const records = new TokenRepository(new CrashingStore(redis), noSeal, 60_000)
const client = new OneAccessClient(config.client)
await new Refresher(records, client, config.timeouts, undefined).refresh(config.login)
