import { inspect } from 'node:util'
import axios, { AxiosError } from 'axios'
import { expect } from 'chai'
import { LOOPBACK_TLS } from '../fixtures/loopback-tls.js'
import { type Handler, type Reply, startUpstream, type Upstream } from '../support/upstream.js'
import { EVERY_CALL, FETCH, GET_USER, makeCall, SECRETS } from './every-call.js'
import { CONTEXT, createClient, networkErrorOf } from './support.js'
import { WAYS } from './ways.js'

const PHONES = ['18310136755', '+86-18310136755']
const BASIC = { clientID: 'api-1', clientSecret: SECRETS.clientSecret, auth: 'basic' } as const

/** The forms in which a server may repeat a secret: plain, URL-encoded, or in Basic credentials. */
function formsOf(secret: string): string[] {
  const form = new URLSearchParams({ '': secret }).toString().slice(1)
  const pair = Buffer.from(`${BASIC.clientID}:${secret}`).toString('base64')
  const encoded = Buffer.from(`${BASIC.clientID}:${encodeURIComponent(secret)}`).toString('base64')
  return [secret, encodeURIComponent(secret), form, pair, encoded]
}

const ALL = [...new Set([...Object.values(SECRETS), '18310136755'].flatMap(formsOf))]

/** Everything that a log, a serializer or a debugger could show of a value. */
function shown(value: unknown): string {
  const options = { depth: Infinity, showHidden: true, getters: true, maxStringLength: null }
  const whole = inspect(value, { ...options, maxArrayLength: null, breakLength: Infinity })
  if (!(value instanceof Error)) return `${whole}\n${JSON.stringify(value)}`
  const { message, stack, cause } = value
  return [whole, String(value), message, stack, JSON.stringify(value), shown(cause)].join('\n')
}

function expectNoSecret(value: unknown): void {
  const text = shown(value)
  for (const secret of ALL) expect(text).to.not.include(secret)
}

/** Repeats the end of the request in the error message, as a careless server might. */
const repeatAll: Handler = ({ path, headers, body }) => {
  const request = `${path} ${headers.flat().join(' ')} ${body}`
  return { status: 400, body: { error_code: 'X.1', error_msg: request.slice(-180) } }
}

describe('an error of OneAccessClient shows no secret', () => {
  let upstream: Upstream

  beforeEach(async () => {
    upstream = await startUpstream()
  })

  afterEach(() => upstream.close())

  for (const call of EVERY_CALL) {
    describe(`at ${call.name}`, () => {
      const refused = async (reply: Reply | Handler, options = {}) => {
        upstream.script(call.path, reply)
        return networkErrorOf(makeCall(call, upstream, options))
      }

      for (const status of [400, 401, 403, 404, 429, 500, 503]) {
        it(`when OneAccess repeats one in the message of a ${status} error, in either shape`, async () => {
          for (const secret of [...Object.values(SECRETS).flatMap(formsOf), ...PHONES]) {
            if (!isKnownTo(call.name, secret)) continue
            const text = `no "${secret}", (${secret}); ${secret}`
            expectNoSecret(await refused({ status, body: { error_code: 'X.1', error_msg: text } }))
            expectNoSecret(await refused({ status, body: { error: 'x', error_description: text } }))
          }
        })
      }

      it('when OneAccess repeats the request', async () => {
        expectNoSecret(await refused(repeatAll))
        expectNoSecret(await refused(repeatAll, { credential: BASIC }))
      })

      it('when OneAccess returns one as an error code, in HTML or in Location', async () => {
        for (const secret of [...Object.values(SECRETS), ...PHONES]) {
          if (!isKnownTo(call.name, secret)) continue
          expectNoSecret(await refused({ status: 400, body: { error_code: secret } }))
          expectNoSecret(await refused({ status: 400, body: { error: secret } }))
          expectNoSecret(await refused({ status: 500, body: `<html>${secret}</html>` }))
          expectNoSecret(await refused({ body: `<html>${secret}</html>` }))
          expectNoSecret(await refused({ status: 302, headers: { Location: `/?t=${secret}` } }))
        }
      })

      it('when a response does not match the documented API', async () => {
        const values = Object.values(SECRETS).map((secret) => ({ [secret]: [secret] }))
        const body = { access_token: values, session_token: values, sso_ticket: values, id: values }
        expectNoSecret(await refused({ body }))
        expectNoSecret(await refused({ body: { ...body, status: 'SUCCESS' } }))
        expectNoSecret(await refused({ body: [body] }))
      })

      it('when there is no response', async () => {
        const faults: Handler[] = [
          (_request, _res, req) => void req.socket.resetAndDestroy(),
          (request, _res, req) => void req.socket.end(`SSH ${request.body}\r\n\r\n`),
          (request, _res, req) =>
            void req.socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n${request.body}`),
          () => undefined,
        ]
        const deadlines = { callDeadline: 50, refreshDeadline: 50 }
        for (const [, optionsOf] of WAYS)
          for (const fault of faults)
            expectNoSecret(await refused(fault, { ...deadlines, ...optionsOf() }))
      })

      it('when nothing listens, or the certificate is not trusted', async () => {
        const secure = await startUpstream(LOOPBACK_TLS)
        for (const [, optionsOf] of WAYS)
          expectNoSecret(await networkErrorOf(makeCall(call, secure, optionsOf())))
        await secure.close()
        for (const [, optionsOf] of WAYS)
          expectNoSecret(await networkErrorOf(makeCall(call, secure, optionsOf())))
      })

      it('when an interceptor throws an AxiosError with the request and the response', async () => {
        const http = axios.create()
        http.interceptors.response.use((response) => {
          const { config, request } = response
          throw new AxiosError(`failed: ${config.data}`, 'E_OTHER', config, request, response)
        })
        const error = await refused({ body: {} }, { http })
        expectNoSecret(error)
        expect(error).to.not.be.instanceOf(AxiosError)
      })
    })
  }

  it('when verify returns one as a code with HTTP 200', async () => {
    for (const text of [...PHONES, SECRETS.ticket, SECRETS.accessToken]) {
      upstream.script(GET_USER.path, { body: { code: text, message: `no ${text}` } })
      expectNoSecret(await networkErrorOf(makeCall(GET_USER, upstream)))
    }
  })
})

describe('OneAccessClient', () => {
  it('shows no secret when it is inspected or serialized', async () => {
    const upstream = await startUpstream()
    try {
      upstream.script(FETCH.path, { body: { access_token: SECRETS.accessToken, expires_in: 1800 } })
      upstream.script(GET_USER.path, { body: { id: 'u1' } })
      for (const auth of ['body', 'basic'] as const) {
        const client = createClient(upstream, {
          credential: { ...BASIC, auth },
          http: axios.create(),
        })
        expectNoSecret(client)
        await client.verifyTicket(SECRETS.ticket, CONTEXT)
        expectNoSecret(client)
      }
    } finally {
      await upstream.close()
    }
  })
})

/** OneAccess can only repeat what it received in this call, and the client redacts only that. */
function isKnownTo(name: string, secret: string): boolean {
  const known: Record<string, string[]> = {
    credential: [SECRETS.clientSecret],
    login: [SECRETS.code],
    ticket: [SECRETS.sessionToken, SECRETS.accessToken],
    verify: [SECRETS.ticket, SECRETS.accessToken],
    'refresh with id-token': [SECRETS.sessionToken],
    'refresh with signed-id-token': [SECRETS.sessionToken],
    'refresh with session-token': [SECRETS.sessionToken, SECRETS.accessToken],
  }
  return PHONES.includes(secret) || (known[name] ?? []).flatMap(formsOf).includes(secret)
}
