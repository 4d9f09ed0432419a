import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { RedisTokenStore } from '../../lib/redis.js'
import { until } from '../support/example.js'
import { type RedisServer, startRedis } from '../support/redis.js'
import { CLIENT_SAMPLES, sampleClient } from '../support/sample-client.js'

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
    const client = sampleClient('example/readme/redis.ts', `redis://127.0.0.1:${port}`)
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

  for (const file of CLIENT_SAMPLES) {
    it(`works again without a restart after Redis was frozen for longer than socketTimeout (${file})`, async () => {
      const client = sampleClient(file, redis.url, 10)
      let losses = 0
      client.on('error', () => void losses++)
      await client.connect()
      const store = new RedisTokenStore(client)
      expect(await store.get('k')).to.equal(undefined)
      const ask = () =>
        store.get('k').then(
          () => 'answered',
          () => 'failed',
        )
      redis.freeze()
      expect(await ask()).to.equal('failed')
      // the second loss is that of the new connection, which the frozen Redis accepts and does not answer
      await until(
        async () => losses,
        (count) => count > 1,
      )
      redis.thaw()
      await until(ask, (outcome) => outcome === 'answered')
      client.destroy()
    })
  }
})
