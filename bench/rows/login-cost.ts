import { axiosDefault, bare } from '../peers/clients.js'
import { openidClient } from '../peers/openid-client.js'
import { callsBy, loginBy, strategyAt } from '../peers/ours.js'
import { passportOAuth2 } from '../peers/passport-oauth2.js'
import { type Contender, interleave } from '../support/cost.js'
import { atMost, below, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { ratioOf, spreadOf } from '../support/statistics.js'

/** Processor time of a login per call that it makes, beside those of the peers. */
export async function loginCost(origin: string, { rounds, calls }: Scale): Promise<Section> {
  const ours: Contender = {
    name: 'our login of 3 calls',
    work: loginBy(strategyAt(origin)),
    calls: 3,
  }
  const ourCalls: Contender = { name: 'the calls of our login', work: callsBy(origin), calls: 3 }
  const plain = bare(origin)
  const byAxios = axiosDefault(origin)
  const byOpenID = openidClient(origin)
  const byOAuth2 = passportOAuth2(origin)
  const all = [plain, ourCalls, ours, byAxios, byOpenID, byOAuth2]
  const costs = await interleave(all, { rounds, calls })
  const of = ({ name }: Contender) => costs.get(name) ?? []
  return {
    title: 'A login, by processor time per upstream call',
    how:
      'All against one upstream process, 8 at a time, taking turns in short rounds. A login is the redirect, the ' +
      "callback with all its calls, the app's verify, and the tokens kept; for each strategy what it does.",
    rows: [
      atMost(
        'its calls, against bare kept-alive `http.request`',
        ratioOf(of(ourCalls), of(plain)),
        1.5,
        ' ×',
      ),
      atMost(
        'all of it, against bare kept-alive `http.request`',
        ratioOf(of(ours), of(plain)),
        1.5,
        ' ×',
      ),
      below('all of it, against axios with its defaults', ratioOf(of(ours), of(byAxios)), 1, ' ×'),
      below(
        "all of it, against openid-client's strategy",
        ratioOf(of(ours), of(byOpenID)),
        1,
        ' ×',
      ),
      seen('all of it, against passport-oauth2', ratioOf(of(ours), of(byOAuth2)), ' ×'),
      ...all.map((one) => seen(`${one.name}: a call`, spreadOf(of(one)), ' µs')),
    ],
  }
}
