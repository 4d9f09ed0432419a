// The server that all contenders call, a process of its own: OneAccess and an OAuth 2 provider with
// answers that are made once, so that it is never what is measured.
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CLIENT_ID } from '../peers/clients.js'
import { serve } from './child.js'

/** What the upstream has seen. */
export interface Seen {
  /** Requests by path. */
  requests: Record<string, number>
  /** Connections that were open at once, at most. */
  connections: number
}

const hour = Math.floor(Date.now() / 1000) + 3600
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

let origin = ''
let delay = 0
let open = 0
let seen: Seen = { requests: {}, connections: 0 }
let renewals = 0

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
let signed: string | undefined

/** Signed once: it is not the upstream that is measured. */
function idToken(): string {
  signed ??= signedToken()
  return signed
}

function signedToken(): string {
  const claims = {
    iss: origin,
    aud: CLIENT_ID,
    sub: 'user-1',
    iat: hour - 3600,
    exp: hour,
    id: 'user-1',
    userName: 'zhangsan',
    name: '张三',
    mobile: '+86-15200000000',
    email: 'zhangsan@example.com',
  }
  const input = `${base64({ alg: 'RS256', kid: 'bench' })}.${base64(claims)}`
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`
}

const user = { id: 'user-1', userName: 'zhangsan', name: '张三', mobile: '+86-15200000000' }

const session = () => ({ session_token: 's'.repeat(40), id_token: idToken(), expire: 604_800 })

const ANSWERS: Record<string, () => object> = {
  '/api/v3/sdk/login/alipay': () => ({ status: 'SUCCESS', ...session() }),
  '/api/v2/tenant/token': () => ({
    access_token: 'a'.repeat(40),
    token_type: 'Bearer',
    expires_in: 1800,
  }),
  '/api/v2/tenant/sso/session-token/sso-ticket': () => ({ sso_ticket: 't'.repeat(40), expire: 60 }),
  '/api/v2/tenant/sso/sso-ticket/verify': () => ({ code: '0', message: 'success', data: { user } }),
  '/api/v1/oauth2/keys': () => ({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }],
  }),
  '/oauth/token': () => ({
    access_token: 'a'.repeat(40),
    token_type: 'Bearer',
    expires_in: 3600,
    id_token: idToken(),
  }),
  '/oauth/userinfo': () => ({ sub: 'user-1', ...user }),
}

const made = new Map<string, Buffer>()

function answerTo(path: string): Buffer | undefined {
  if (path === '/api/v2/sdk/sso/session-token/id-token') return renewed()
  const ready = made.get(path)
  if (ready) return ready
  const answer = ANSWERS[path]
  if (answer === undefined) return undefined
  const bytes = Buffer.from(JSON.stringify(answer()))
  made.set(path, bytes)
  return bytes
}

/** Each refresh gives a new session token, as a tenant that renews them does. */
function renewed(): Buffer {
  const answer = { ...session(), session_token: `s${++renewals}`.padEnd(40, 's') }
  return Buffer.from(JSON.stringify(answer))
}

function handle(req: IncomingMessage, res: ServerResponse): void {
  const [path = ''] = (req.url ?? '').split('?')
  seen.requests[path] = (seen.requests[path] ?? 0) + 1
  req.resume()
  req.once('end', () => {
    if (delay === 0) send(res, answerTo(path))
    else setTimeout(send, delay, res, answerTo(path))
  })
}

function send(res: ServerResponse, body: Buffer | undefined): void {
  const type = 'application/json;charset=utf-8'
  res.writeHead(body ? 200 : 404, { 'content-type': type, 'content-length': body?.length ?? 0 })
  res.end(body)
}

const server = createServer({ keepAliveTimeout: 60_000 }, handle)
server.on('connection', (socket) => {
  seen.connections = Math.max(seen.connections, ++open)
  socket.once('close', () => open--)
})

serve({
  /** Its origin. */
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', 4096, () => {
        origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        resolve(origin)
      })
    }),
  /** Milliseconds before each answer. */
  delay: (milliseconds: number) => {
    delay = milliseconds
  },
  /** What was seen since the last time. */
  seen: () => {
    const told = seen
    seen = { requests: {}, connections: open }
    return told
  },
})
