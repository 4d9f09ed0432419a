import { expect } from 'chai'
import { type Environment, environmentOf } from '../../lib/login/environment.js'
import { AGENTS } from '../support/agents.js'

const KNOWN: [environment: Environment, agent: keyof typeof AGENTS][] = [
  ['desktop', 'Windows'],
  ['desktop', 'macOS'],
  ['desktop', 'Linux'],
  ['desktop', 'a HarmonyOS computer'],
  ['desktop', 'a program'],
  ['wallet', 'Alipay on Android'],
  ['wallet', 'Alipay on an iPhone'],
  ['wallet', 'Alipay on HarmonyOS'],
  ['phone', 'Chrome on Android'],
  ['phone', 'Safari on an iPhone'],
  ['phone', 'UC Browser'],
  ['phone', 'QQ on an iPhone'],
  ['phone', 'a HarmonyOS phone'],
  ['phone', 'Firefox on Android'],
  ['phone', 'an unknown app on an iPhone'],
  ['wechat', 'WeChat on Android'],
  ['wechat', 'WeChat on an iPhone'],
  ['wechat', 'WeChat on Windows'],
]

describe('environmentOf', () => {
  for (const [environment, agent] of KNOWN) {
    it(`returns ${environment} for ${agent}`, () => {
      expect(environmentOf(AGENTS[agent])).to.equal(environment)
    })
  }

  it('returns desktop for an empty user agent, and reads a hostile one in less than 100 ms', () => {
    expect(environmentOf('')).to.equal('desktop')
    const began = performance.now()
    environmentOf('Phone; OpenHarmon'.repeat(1_000))
    expect(performance.now() - began).to.be.lessThan(100)
  })
})
