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
    below(`all of it, against ${name}`, ratioOf(of(ourLogin), of(peer)), 1, ' ×')
  const bareRatio = (one: Contender) => ratioOf(of(one), of(bare))
  const nothingRatio = ratioOf(of(ourLogin), of(nothingButCalls))
  return {
    title: 'A login, by processor time per upstream call',
    how:
      'Each in a process of its own, warmed up, 8 at a time, all against one upstream process; they take turns in short rounds, ' +
      'each round in another order. A login is the redirect, the callback with all its calls, ' +
      "the app's verify, and the tokens kept; for each strategy what it does.",
    control,
    rows: [
      atMost('its calls, against bare kept-alive `http.request`', bareRatio(ourCalls), 1.3, ' ×'),
      atMost('all of it, against bare kept-alive `http.request`', bareRatio(ourLogin), 1.3, ' ×'),
      against(axiosDefault, 'axios with its defaults'),
      against(openidClient, "openid-client's strategy"),
      against(passportOAuth2, 'passport-oauth2'),
      seen('all of it, against a strategy that does nothing', nothingRatio, ' ×'),
      ...CONTENDERS.map((one) => seen(`${one.name}: a call`, estimateOf(of(one)), ' µs')),
    ],
  }
}
