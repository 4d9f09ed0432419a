import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { createClient } from 'redis'
import { RedisTokenStore } from '../../lib/redis.js'
import { type RedisServer, startRedis } from '../support/redis.js'

// Packets get lost, as when a firewall drops them or a node is gone, and no connection is closed.
describe('the Redis client of the README when Redis stops responding', function () {
  this.timeout(30_000)
  let redis: RedisServer
  let proxy: Server
  const sockets = new Set<Socket>()
  let isSilent = false
  before(async () => {
    redis = await startRedis({ durable: false })
    proxy = createServer((near) => {
      const far = connect(Number(new URL(redis.url).port), '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.on('error', () => {})
        from.on('data', (data) => {
          if (!isSilent) to.write(data)
        })
      }
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  })
  after(async () => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
    await redis.close()
  })

  it('fails calls for tokens and sessions without waiting for the timeout of the operating system', async () => {
    const { port } = proxy.address() as AddressInfo
    const client = createClient({
      url: `redis://127.0.0.1:${port}`,
      disableOfflineQueue: true,
      pingInterval: 1_000,
      socket: { connectTimeout: 3_000, socketTimeout: 3_000 },
    })
    client.on('error', () => {})
    await client.connect()
    const store = new RedisTokenStore(client)
    expect(await store.get('k')).to.equal(undefined)
    isSilent = true
    const calls = [store.get('k'), client.get('sess:1')].map((call) =>
      call.then(
        () => 'answered',
        () => 'failed',
      ),
    )
    // without pingInterval and socketTimeout, neither would settle within the timeout of this test
    expect(await Promise.all(calls)).to.deep.equal(['failed', 'failed'])
    client.destroy()
  })
})
