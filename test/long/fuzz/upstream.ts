import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios'
import fc from 'fast-check'
import { ANSWERS, type Endpoint, endpointAt } from '../faults/answers.js'

/** The response to a call. */
export type Answer =
  | { kind: 'text'; status: number; text: string; headers: Record<string, string> }
  | { kind: 'failure'; error: unknown }
  | { kind: 'silence' }

/** The responses of endpoints; others respond successfully. */
export type Script = Partial<Record<Endpoint, Answer>>

const CHAIN = ['login', 'ticket', 'verify', 'credential', 'bind', 'keys'] as const
const ENDPOINTS = Object.keys(ANSWERS) as Endpoint[]

export function textAnswer(value: unknown, status = 200): Answer {
  const text = value === undefined ? '' : JSON.stringify(value)
  return { kind: 'text', status, text, headers: {} }
}

/** Any JSON value, some with keys that could pollute a prototype. */
const anyJson = fc.oneof(
  { weight: 6, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"polluted":1},"id":"x"}'),
    JSON.parse('{"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}'),
    { status: 'SUCCESS', session_token: '\u0000' },
    { error_code: '0', error: null },
  ),
)

/** A successful response in which one member is any value. */
const spoiled = (endpoint: Endpoint): fc.Arbitrary<Answer> => {
  const good = ANSWERS[endpoint]
  const names = typeof good === 'object' && good !== null ? Object.keys(good) : ['member']
  return fc
    .tuple(fc.constantFrom(...names, 'error_code', 'status', 'data', '__proto__'), anyJson)
    .map(([name, value]) =>
      textAnswer(Object.fromEntries([...Object.entries(good ?? {}), [name, value]])),
    )
}

const anyStatus = fc.oneof(
  fc.constantFrom(200, 200, 302, 400, 401, 403, 429, 500, 503),
  fc.nat(999),
)
const anyHeaders = fc.dictionary(
  fc.constantFrom('retry-after', 'content-type', 'location', 'set-cookie', '__proto__'),
  fc.oneof(fc.string(), fc.nat().map(String), fc.constant('Wed, 21 Oct 2099 07:28:00 GMT')),
)
const CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'CERT_HAS_EXPIRED',
  'HPE_INVALID_CONSTANT',
  '',
  'ERR_CANCELED',
]
const anyError = fc.oneof(
  fc.constantFrom(...CODES).map((code) => Object.assign(new Error('failed'), { code })),
  fc.anything(),
)

const answerOf = (endpoint: Endpoint): fc.Arbitrary<Answer> =>
  fc.oneof(
    { weight: 400, arbitrary: spoiled(endpoint) },
    {
      weight: 300,
      arbitrary: fc.tuple(anyJson, anyStatus).map(([value, status]) => textAnswer(value, status)),
    },
    {
      weight: 200,
      arbitrary: fc
        .tuple(anyStatus, fc.string({ maxLength: 200 }), anyHeaders)
        .map(([status, body, headers]) => ({ kind: 'text' as const, status, text: body, headers })),
    },
    { weight: 100, arbitrary: anyError.map((error) => ({ kind: 'failure' as const, error })) },
    { weight: 1, arbitrary: fc.constant({ kind: 'silence' as const }) },
  )

/** Any responses of a tenant, at up to two endpoints. */
export const anyScript: fc.Arbitrary<Script> = fc
  .uniqueArray(fc.constantFrom(...CHAIN, ...CHAIN, ...ENDPOINTS), { maxLength: 2 })
  .chain((chosen) =>
    fc
      .tuple(...chosen.map((endpoint) => answerOf(endpoint)))
      .map((answers) => Object.fromEntries(chosen.map((one, index) => [one, answers[index]]))),
  )

/** An axios adapter that responds by the script, without a socket. */
export function adapterFor(script: () => Script): AxiosAdapter {
  return async (config) => {
    const endpoint = endpointAt(new URL(config.url ?? '').pathname)
    const answer = (endpoint && script()[endpoint]) ?? textAnswer(endpoint && ANSWERS[endpoint])
    if (answer.kind === 'silence') return silence(config)
    if (answer.kind === 'failure') throw answer.error
    const { status, headers, text: data } = answer
    return { status, statusText: '', headers, data, config }
  }
}

function silence({ signal }: InternalAxiosRequestConfig): Promise<never> {
  return new Promise((_, reject) => {
    const error = Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' })
    signal?.addEventListener?.('abort', () => reject(error))
  })
}
