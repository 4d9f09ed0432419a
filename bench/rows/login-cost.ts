import { axiosDefault, axiosFields, bare } from '../peers/clients.js'
import { openidClient } from '../peers/openid-client.js'
import { callsBy, loginBy, nothingButCalls, strategyAt } from '../peers/ours.js'
import { passportOAuth2 } from '../peers/passport-oauth2.js'
import { type Contender, interleave } from '../support/cost.js'
import { atMost, below, type Row, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, ratioOf } from '../support/statistics.js'

/** Processor time of a login per call that it makes, beside those of the peers. */
export async function loginCost(origin: string, { rounds, calls }: Scale): Promise<Section> {
  const plain = bare(origin)
  const login = loginBy(strategyAt(origin))
  const ours: Contender = { name: 'our login of 3 calls', work: login, calls: 3 }
  const ourCalls: Contender = { name: 'the calls of our login', work: callsBy(origin), calls: 3 }
  const nothing: Contender = {
    name: 'a strategy that does nothing but the 3 calls',
    work: nothingButCalls(origin),
    calls: 3,
  }
  const byAxios = axiosDefault(origin)
  const byOpenID = openidClient(origin)
  const byOAuth2 = passportOAuth2(origin)
  const peers = [byAxios, byOpenID, byOAuth2]
  const all = [plain, ourCalls, nothing, axiosFields(origin), ours, ...peers] as const
  const { of, control } = await interleave(all, { rounds, calls })
  const against = (peer: Contender, name: string): Row =>
    below(`all of it, against ${name}`, ratioOf(of(ours), of(peer)), 1, ' ×')
  const bareRatio = (one: Contender) => ratioOf(of(one), of(plain))
  return {
    title: 'A login, by processor time per upstream call',
    how:
      'All against one upstream process, 8 at a time, taking turns in short rounds, each round in another order. A ' +
      "login is the redirect, the callback with all its calls, the app's verify, and the tokens kept; for each strategy what it does.",
    control,
    rows: [
      atMost('its calls, against bare kept-alive `http.request`', bareRatio(ourCalls), 1.3, ' ×'),
      atMost('all of it, against bare kept-alive `http.request`', bareRatio(ours), 1.3, ' ×'),
      against(byAxios, 'axios with its defaults'),
      against(byOpenID, "openid-client's strategy"),
      against(byOAuth2, 'passport-oauth2'),
      seen('all of it, against a strategy that does nothing', ratioOf(of(ours), of(nothing)), ' ×'),
      ...all.map((one) => seen(`${one.name}: a call`, estimateOf(of(one)), ' µs')),
    ],
  }
}
