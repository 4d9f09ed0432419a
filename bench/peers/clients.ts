// The HTTP clients by themselves, each with the same call.
import { Agent, request } from 'node:http'
import axios from 'axios'
import type { Contender } from '../support/cost.js'

export const CLIENT_ID = 'bench-client'

const PATH = '/api/v3/sdk/login/alipay'
/** As Alipay gives one. */
export const CODE = '4b203fe6c11548bcabd8da5bb087a83b'
const HEADERS = {
  Accept: 'application/json',
  'Content-Type': 'application/json;charset=utf8',
  'X-operating-sys-version': 'Windows NT 10.0',
  'X-device-fingerprint': 'f'.repeat(32),
  'X-device-ip': '127.0.0.1',
  'X-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
  'X-client-id': CLIENT_ID,
}

/** The least that a call can cost: Node's own client, connections kept alive, the answer parsed. */
export function bare(origin: string): Contender {
  const { hostname: host, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true })
  const work = () =>
    new Promise<unknown>((resolve, reject) => {
      const body = JSON.stringify({ code: CODE })
      const headers = { ...HEADERS, 'Content-Length': Buffer.byteLength(body) }
      const req = request({ agent, host, port, path: PATH, method: 'POST', headers }, (res) => {
        let text = ''
        res.setEncoding('utf8')
        res.on('data', (chunk: string) => {
          text += chunk
        })
        res.once('end', () => resolve(JSON.parse(text)))
        res.once('error', reject)
      })
      req.once('error', reject)
      req.end(body)
    })
  return { name: 'bare http.request, kept alive', work, calls: 1 }
}

export function axiosDefault(origin: string): Contender {
  const work = () => axios.post(origin + PATH, { code: CODE }, { headers: HEADERS })
  return { name: 'axios with its defaults', work, calls: 1 }
}
