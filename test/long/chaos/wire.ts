import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Random } from './random.js'

/** A proxy between the apps and Redis. */
export interface Wire {
  url: string
  /** Closes this share of the connections; returns how many. */
  cut(share: number): number
  /** Connects to another Redis from now on, and closes all connections to the old one. */
  leadTo(target: string): void
  close(): void
}

export async function layWire(target: string, random: Random): Promise<Wire> {
  let { hostname, port } = new URL(target)
  const pairs = new Set<[Socket, Socket]>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', end).on('close', end)
    }
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (share: number) => {
    const chosen = [...pairs].filter(() => random.share() < share)
    for (const [near, far] of chosen) {
      near.destroy()
      far.destroy()
    }
    return chosen.length
  }
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    leadTo(next) {
      ;({ hostname, port } = new URL(next))
      cut(1)
    },
    close() {
      cut(1)
      server.close()
    },
  }
}
