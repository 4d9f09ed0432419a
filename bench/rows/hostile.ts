import type { AxiosAdapter } from 'axios'
import { OneAccessClient } from '../../lib/index.js'
import { atMost, type Section } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf } from '../support/statistics.js'

const LARGEST = 1024 * 1024
const fill = (piece: string, rest = 0) => piece.repeat(Math.floor((LARGEST - rest) / piece.length))

/** Answers of 1 MiB that are made to keep a process busy. */
const ANSWERS: [what: string, status: number, body: string][] = [
  ['a refusal with a long message', 400, `{"error_code":"X.1","error_msg":"${fill('a', 64)}"}`],
  ['escape sequences', 400, `{"error_code":"X.1","error_msg":"${fill('\\u0061', 64)}"}`],
  ['nesting, never closed', 200, fill('[')],
  ['nesting, closed', 200, '['.repeat(LARGEST / 2) + ']'.repeat(LARGEST / 2)],
  ['objects with unsafe keys', 200, `[${fill('{"__proto__":1},', 8)}1]`],
  ['numbers', 200, `[${fill('1,', 8)}1]`],
  ['whitespace', 200, fill(' ')],
  ['a long token', 200, `{"status":"SUCCESS","session_token":"${fill('a', 64)}"}`],
  [
    'a long id_token',
    200,
    `{"status":"SUCCESS","session_token":"s","id_token":"a.${fill('W1tb', 64)}.c"}`,
  ],
]

const CONTEXT = { device: { osVersion: 'x', fingerprint: 'f', ip: '127.0.0.1', agent: 'x' } }

/** For how long the process does nothing else while it reads a hostile answer. */
export async function hostile({ starts }: Scale): Promise<Section> {
  const rows = []
  for (const [what, status, body] of ANSWERS) {
    const times: number[] = []
    for (let round = -2; round < starts; round++) {
      const time = await timeOf(status, body)
      if (round >= 0) times.push(time)
    }
    rows.push(atMost(what, estimateOf(times), 50, ' ms'))
  }
  return {
    title: 'Reading hostile responses of 1 MiB',
    how: 'CPU time of one login call whose response comes from memory and is read by the client like any other.',
    rows,
  }
}

async function timeOf(status: number, data: string): Promise<number> {
  const adapter: AxiosAdapter = async (config) => ({
    ...{ status, data, config },
    ...{ statusText: '', headers: {} },
  })
  const client = new OneAccessClient({
    origin: 'https://tenant.example',
    clientID: 'bench',
    credential: { clientID: 'bench', clientSecret: 'secret', auth: 'body' },
    http: { adapter },
  })
  const before = process.cpuUsage()
  await client.loginWithAlipay('code', CONTEXT).catch(() => {})
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
