// The HTTP clients by themselves, each with the same call.
import { Agent, request } from 'node:http'
import axios, { type AxiosAdapter, AxiosHeaders } from 'axios'
import { openConnections, UndiciExchange } from '../../lib/transport/undici.js'

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
export function bare(origin: string): () => Promise<unknown> {
  const { hostname: host, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true })
  return () =>
    new Promise((resolve, reject) => {
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
}

/** The same over undici, as an axios config with a field for each part: what our default transport avoids. */
export function axiosFields(origin: string): () => Promise<unknown> {
  const connections = openConnections(origin, 256)
  const adapter: AxiosAdapter = async (config) => {
    const { url: path = '', data: body } = config
    const headers = config.headers.toJSON() as Record<string, string>
    const call = {
      step: 'login',
      method: 'POST',
      path,
      headers,
      body,
      deadline: 0,
      secrets: [],
    } as const
    const { status, data } = await new UndiciExchange(connections, call, Infinity).send()
    return { status, statusText: '', headers: new AxiosHeaders(), data, config }
  }
  const instance = new axios.Axios({ adapter })
  return async () => {
    const config = {
      method: 'POST',
      url: PATH,
      headers: HEADERS,
      data: JSON.stringify({ code: CODE }),
    }
    return JSON.parse((await instance.request<string>(config)).data)
  }
}

export function axiosDefault(origin: string): () => Promise<unknown> {
  return () => axios.post(origin + PATH, { code: CODE }, { headers: HEADERS })
}
