import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '../../support/redis.js'
import { command, until } from '../topologies/servers.js'

/** The Redis that the apps use, with failovers to another one. */
export class RedisPair {
  #master: RedisServer
  /** Writes that failovers have lost. */
  lost = 0
  failovers = 0

  private constructor(master: RedisServer) {
    this.#master = master
  }

  static async start(): Promise<RedisPair> {
    return new RedisPair(await startRedis())
  }

  get url(): string {
    return this.#master.url
  }

  /** Kills it and starts it again after `down` milliseconds. */
  async restart(down: number): Promise<void> {
    await this.#master.kill()
    await sleep(down)
    await this.#master.start()
  }

  /**
   * A replica takes over that lags by `behind` milliseconds. `redirect` points the apps to it, as Sentinel
   * does.
   */
  async failOver(behind: number, redirect: (url: string) => void): Promise<void> {
    const old = this.#master
    const next = await startRedis()
    await command(portOf(next), 'REPLICAOF', '127.0.0.1', String(portOf(old)))
    await until('the replica follows', async () => {
      const info = String(await command(portOf(next), 'INFO', 'replication'))
      return info.includes('master_link_status:up')
    })
    await command(portOf(next), 'REPLICAOF', 'NO', 'ONE')
    const before = await changesOf(old)
    await sleep(behind)
    this.lost += (await changesOf(old)) - before
    await old.close()
    this.#master = next
    redirect(next.url)
    this.failovers += 1
  }

  close(): Promise<void> {
    return this.#master.close()
  }
}

function portOf({ url }: RedisServer): number {
  return Number(new URL(url).port)
}

async function changesOf(server: RedisServer): Promise<number> {
  const info = String(await command(portOf(server), 'INFO', 'persistence'))
  return Number(/rdb_changes_since_last_save:(\d+)/.exec(info)?.[1])
}
