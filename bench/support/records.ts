// Live records put into a Redis, as a login would have put each.
import { createClient } from 'redis'
import { RedisTokenStore } from '../../lib/redis.js'
import { recordOf } from '../../lib/tokens/record.js'
import { encodeRecord } from '../../lib/tokens/record-format.js'

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function idTokenFor(seconds: number): string {
  const claims = { iss: 'https://acme.huaweioneaccess.com', aud: 'bench-client', id: 'user-1' }
  const exp = Math.floor(Date.now() / 1000) + seconds
  return `${base64({ alg: 'RS256' })}.${base64({ ...claims, exp, name: '张三', pad: 'x'.repeat(120) })}.${'s'.repeat(342)}`
}

interface Age {
  /** Of the id_token. */
  secondsLeft: number
  /** Whether it is to be renewed now, though it is good. */
  isDue?: boolean
}

function textOf({ secondsLeft, isDue = false }: Age): string {
  const device = {
    osVersion: 'Windows NT 10.0',
    fingerprint: 'f'.repeat(32),
    ip: '203.0.113.7',
    agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
  }
  const answer = {
    sessionToken: 's'.repeat(40),
    idToken: idTokenFor(secondsLeft),
    expiresIn: 604_800,
  }
  // of an hour ago: a record that was renewed just now is believed, whatever its token says
  const refreshedAt = Date.now() - 3_600_000
  const record = { ...recordOf(answer, { device }, undefined), refreshedAt }
  return encodeRecord(isDue ? { ...record, refreshAt: refreshedAt + 1 } : record)
}

const WEEK = 604_800_000

/** Writes the records `r1` to `r{count}` in Redis itself; answers the bytes that each takes there. */
export async function fill(url: string, count: number, isDue = false): Promise<number> {
  const client = await createClient({ url }).connect()
  const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
  const before = await used()
  const script =
    "for i = ARGV[1], ARGV[2] do redis.call('SET', 'oneaccess:tokens:r' .. i, ARGV[3], 'PX', ARGV[4]) end"
  for (let from = 1; from <= count; from += 10_000) {
    const to = Math.min(from + 9_999, count)
    const args = [
      String(from),
      String(to),
      `1:${textOf({ secondsLeft: 3600, isDue })}`,
      String(WEEK),
    ]
    await client.eval(script, { keys: [], arguments: args })
  }
  const bytes = ((await used()) - before) / count
  await client.close()
  return bytes
}

/** Writes one record whose id_token is over. */
export async function writeExpired(url: string, name: string): Promise<void> {
  const client = await createClient({ url }).connect()
  const store = new RedisTokenStore(client)
  await store.compareAndSet(
    `tokens:${name}`,
    0,
    { version: 1, value: textOf({ secondsLeft: -10 }) },
    WEEK,
  )
  await client.close()
}

/** Microseconds of processor time that a Redis has used. */
export async function redisTime(url: string): Promise<number> {
  const client = await createClient({ url }).connect()
  const text = await client.info('cpu')
  await client.close()
  const [user = 0, system = 0] = ['user', 'sys'].map((kind) =>
    Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(text)?.[1]),
  )
  return (user + system) * 1e6
}
