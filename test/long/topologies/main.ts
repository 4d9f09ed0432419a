// npm run topologies: tests the token store with both clients on a Redis Cluster of three masters, on a cluster
// whose reads go to a lagging replica, and on Sentinel with a failover that loses the last writes.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster, createSentinel } from 'redis'
import { conformanceTests } from '../../../lib/conformance.js'
import { RedisTokenStore } from '../../../lib/stores/redis.js'
import type { TokenStore } from '../../../lib/token-store.js'
import { LOGIN, logIn, startProcess } from '../../support/processes.js'
import { Provider } from '../../support/provider.js'
import { command, type Node, Topology, until } from './servers.js'

/** A token store with its client. */
interface Opened {
  store: TokenStore
  close(): unknown
}

const KEY = `tokens:${LOGIN}`

let failed = 0

async function check(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    console.log(`ok    ${what}`)
  } catch (error) {
    failed++
    console.log(`FAIL  ${what}: ${error instanceof Error ? error.message : error}`)
  }
}

async function overCluster(): Promise<void> {
  const topology = await Topology.open()
  const nodes: Node[] = []
  for (const name of ['a', 'b', 'c']) {
    const files = ['--cluster-enabled', 'yes', '--cluster-config-file', `${name}.conf`]
    nodes.push(await topology.server(...files))
  }
  const [first] = nodes
  if (first === undefined) throw new Error('no node was started')
  const share = Math.ceil(16_384 / nodes.length)
  for (const [n, { port }] of nodes.entries()) {
    const to = Math.min((n + 1) * share, 16_384) - 1
    await command(port, 'CLUSTER', 'ADDSLOTSRANGE', String(n * share), String(to))
    await command(port, 'CLUSTER', 'MEET', '127.0.0.1', String(first.port))
  }
  await until('the cluster is whole', async () => {
    const infos = await Promise.all(nodes.map(({ port }) => command(port, 'CLUSTER', 'INFO')))
    return infos.every((info) => /cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(String(info)))
  })
  const clients: [string, () => Promise<Opened>][] = [
    ['ioredis', async () => opened(new Cluster([{ host: '127.0.0.1', port: first.port }]))],
    [
      'redis',
      async () => {
        const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${first.port}` }] })
        await client.connect()
        return { store: new RedisTokenStore(client), close: () => client.destroy() }
      },
    ],
  ]
  for (const [name, open] of clients) {
    const { store, close } = await open()
    for (const { name: fact, run } of conformanceTests(() => store)) {
      await check(`cluster of three masters, ${name}: ${fact}`, run)
    }
    close()
  }
  await topology.close()
}

function opened(client: Redis | Cluster): Opened {
  client.on('error', () => {})
  return { store: new RedisTokenStore(client), close: () => client.disconnect() }
}

/**
 * The replica is disconnected while the last refresh is saved. When it becomes the master, the session
 * token that it has is no longer valid.
 */
async function overSentinel(name: string, open: (port: number) => Promise<Opened>): Promise<void> {
  const topology = await Topology.open()
  const master = await topology.server()
  const replica = await topology.server('--replicaof', '127.0.0.1', String(master.port))
  const role = async (port: number) => String(await command(port, 'INFO', 'replication'))
  await until('the replica follows', async () => {
    return (await role(replica.port)).includes('master_link_status:up')
  })
  const sentinel = await topology.sentinel(master)
  await until('the sentinel knows both', async () => {
    const replicas = await command(sentinel.port, 'SENTINEL', 'replicas', 'shop')
    return JSON.stringify(replicas).includes(String(replica.port))
  })
  const { store, close } = await open(sentinel.port)
  const provider = new Provider()
  const app = startProcess(provider, { store })
  const other = startProcess(provider, { store })
  await check(
    `Sentinel, ${name}: a failover that loses the last refresh logs nobody out`,
    async () => {
      await logIn(app, provider)
      await until('the login is replicated', async () => {
        return (await command(replica.port, 'GET', `oneaccess:tokens:${LOGIN}`)) !== null
      })
      await disconnectReplica(master)
      await app.request().refresh()
      await app.refresher.drain()
      master.kill()
      await until('the replica is the master', async () => {
        return (await role(replica.port)).includes('role:master')
      })
      // without a request: the process that knows them reads the store by itself after the reconnect
      await until('the tokens are back', async () => {
        const stored = await store.get(KEY)
        return stored?.value.includes('session-1') === true
      })
      const found = await other.records.read(LOGIN)
      assert.equal(found.record.ended, undefined)
      assert.equal(found.record.sessionToken, 'session-1')
      await other.request().refresh()
      assert.deepEqual(provider.presented, ['session-0', 'session-1'])
    },
  )
  await app.refresher.drain()
  await other.refresher.drain()
  close()
  await topology.close()
}

/** Reads go to a replica that has received nothing since the login. */
async function overLaggingReplica(
  name: string,
  open: (port: number) => Promise<Opened>,
): Promise<void> {
  const topology = await Topology.open()
  const clustered = (file: string) =>
    topology.server('--cluster-enabled', 'yes', '--cluster-config-file', file)
  const master = await clustered('master.conf')
  const replica = await clustered('replica.conf')
  await command(master.port, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  await command(replica.port, 'CLUSTER', 'MEET', '127.0.0.1', String(master.port))
  const id = String(await command(master.port, 'CLUSTER', 'MYID'))
  await until('the nodes have met', async () => {
    return (await command(replica.port, 'CLUSTER', 'REPLICATE', id)) === 'OK'
  })
  await until('the replica follows', async () => {
    const info = String(await command(replica.port, 'INFO', 'replication'))
    return info.includes('master_link_status:up')
  })
  // the master lists a replica only once it has received something
  await command(master.port, 'SET', 'anything', '1')
  await until('the master lists the replica', async () => {
    const slots = JSON.stringify(await command(master.port, 'CLUSTER', 'SLOTS'))
    return slots.includes(String(replica.port))
  })
  const { store, close } = await open(master.port)
  const provider = new Provider()
  const app = startProcess(provider, { store })
  const other = startProcess(provider, { store })
  await check(
    `lagging replica, ${name}: nobody is logged out, and refreshes succeed at once`,
    async () => {
      await logIn(app, provider)
      await until('the login is replicated', async () => (await store.get(KEY)) !== undefined)
      await disconnectReplica(master)
      await app.request().refresh()
      await app.refresher.drain()
      const stale = await store.get(KEY)
      assert(stale?.value.includes('session-0'), 'reads do not go to the replica')
      await sleep(2)
      await other.request().refresh()
      assert.deepEqual(provider.presented, ['session-0', 'session-1'])
      await other.refresher.drain()
      await other.records.end(LOGIN, 'logout')
      const latest = await store.getLatest?.(KEY)
      assert(latest?.value.includes('"logout"'), 'the login has not ended')
    },
  )
  close()
  await topology.close()
}

/** Disconnects the replica, which lacks the new password; connected clients stay connected. */
async function disconnectReplica({ port }: Node): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  client.on('error', () => {})
  await client.connect()
  await client.configSet('requirepass', 'nobody has this')
  await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'replica'])
  client.destroy()
}

await overCluster()
await overLaggingReplica('ioredis', async (port) =>
  opened(new Cluster([{ host: '127.0.0.1', port }], { scaleReads: 'slave' })),
)
await overLaggingReplica('redis', async (port) => {
  const rootNodes = [{ url: `redis://127.0.0.1:${port}` }]
  const client = createCluster({ rootNodes, useReplicas: true })
  await client.connect()
  return { store: new RedisTokenStore(client), close: () => client.destroy() }
})
await overSentinel('ioredis', async (port) =>
  opened(new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'shop' })),
)
await overSentinel('redis', async (port) => {
  const client = await createSentinel({
    name: 'shop',
    sentinelRootNodes: [{ host: '127.0.0.1', port }],
  })
    .on('error', () => {})
    .connect()
  return { store: new RedisTokenStore(client), close: () => client.destroy() }
})
console.log(failed === 0 ? 'all passed' : `${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
