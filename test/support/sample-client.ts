import { readFileSync } from 'node:fs'
import { runInThisContext } from 'node:vm'
import { createClient, type RedisClientOptions } from 'redis'
import { inRepository } from '../package/installed.js'

/** The files that show an app how to make its Redis client. */
export const CLIENT_SAMPLES = [
  'example/readme/redis.ts',
  'example/redis.ts',
  'example/shop/stores.ts',
]

/** A client with the very settings of a sample; its times in milliseconds are divided by `faster`. */
export function sampleClient(file: string, url: string, faster = 1) {
  const source = readFileSync(inRepository(file), 'utf8')
  const [, settings = ''] = /createClient\((\{\n.*?\n *\})\)/s.exec(source) ?? []
  const times = settings.replaceAll(
    /(\w+(?:Timeout|Interval): )(\d+)_(\d{3})/g,
    (_all, name, thousands, rest) => name + Number(thousands + rest) / faster,
  )
  const make = runInThisContext(`(process, env, url, connected) => (${times})`)
  const env = { REDIS_URL: url }
  return createClient(make({ env }, env, url, true) as RedisClientOptions)
}
