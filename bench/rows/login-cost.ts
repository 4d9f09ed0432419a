import {
  axiosDefault,
  bare,
  CONTENDERS,
  type Contender,
  nothingButCalls,
  openidClient,
  ourCalls,
  ourLogin,
  passportOAuth2,
} from '../peers/contenders.js'
import { interleave } from '../support/cost.js'
import { atMost, below, type Row, type Section, seen } from '../support/report.js'
import type { Scale } from '../support/scale.js'
import { estimateOf, ratioOf } from '../support/statistics.js'

/** Processor time of a login per call that it makes, beside those of the peers. */
export async function loginCost(origin: string, scale: Scale): Promise<Section> {
  const { of, control } = await interleave(origin, CONTENDERS, scale)
  const against = (peer: Contender, name: string): Row =>
    below(`a whole login, against ${name}`, ratioOf(of(ourLogin), of(peer)), 1, ' ×')
  const bareRatio = (one: Contender) => ratioOf(of(one), of(bare))
  const nothingRatio = ratioOf(of(ourLogin), of(nothingButCalls))
  return {
    title: 'CPU time of a login, per upstream call',
    how:
      'Each candidate runs in a separate process, which is warmed up and started anew twice, with 8 calls at a time; all call one upstream process and take turns ' +
      'in short rounds, each round in another order. A login is the redirect, the callback with all its calls, ' +
      "the app's verify and the storing of the tokens, as far as each strategy does it.",
    control,
    rows: [
      atMost(
        'the calls of a login, against bare kept-alive `http.request`',
        bareRatio(ourCalls),
        1.3,
        ' ×',
      ),
      atMost(
        'a whole login, against bare kept-alive `http.request`',
        bareRatio(ourLogin),
        1.3,
        ' ×',
      ),
      against(axiosDefault, 'axios with its defaults'),
      against(openidClient, "openid-client's strategy"),
      against(passportOAuth2, 'passport-oauth2'),
      seen('a whole login, against a strategy that only makes the calls', nothingRatio, ' ×'),
      ...CONTENDERS.map((one) => seen(`${one.name}: per call`, estimateOf(of(one)), ' µs')),
    ],
  }
}
