import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { AGENTS } from '../support/agents.js'

describe("the simulator's consent page on phones", () => {
  let simulator: Simulator
  before(async () => {
    simulator = await startSimulator()
  })
  after(() => simulator.close())

  function address(): string {
    const query = new URLSearchParams({
      app_id: simulator.alipayAppID,
      scope: 'auth_user',
      redirect_uri: 'http://127.0.0.1:3000/callback',
      state: 'abc',
    })
    return `${simulator.authorizationURL}?${query}`
  }
  const get = async (agent: string) => {
    const response = await fetch(address(), { headers: { 'user-agent': agent } })
    return { status: response.status, text: await response.text() }
  }
  const decide = (agent: string) =>
    fetch(address(), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'user-agent': agent },
      body: new URLSearchParams({ person: simulator.people[0]?.id ?? '', decision: 'agree' }),
    })

  for (const agent of ['Chrome on Android', 'QQ on an iPhone', 'WeChat on Windows'] as const) {
    it(`asks ${agent} to open the Alipay app, as Alipay does, and issues no code`, async () => {
      const { status, text } = await get(AGENTS[agent])
      expect(status).to.equal(200)
      expect(text).to.include('请在支付宝客户端打开链接').and.to.include('<code>phones</code>')
      expect(text).to.not.include('<form')
      const decided = await decide(AGENTS[agent])
      expect([decided.status, decided.headers.get('location')]).to.deep.equal([403, null])
    })
  }

  for (const agent of ['Alipay on Android', 'Alipay on an iPhone', 'Windows', 'macOS'] as const) {
    it(`works in ${agent}`, async () => {
      expect((await get(AGENTS[agent])).text).to.include('<form')
      expect((await decide(AGENTS[agent])).status).to.equal(302)
    })
  }
})
