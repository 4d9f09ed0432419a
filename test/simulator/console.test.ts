import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { chineseOf, englishIn } from '../support/chinese.js'
import { login, personWith, type Result, refresh, send, sessionToken } from './support.js'

describe("the simulator's console", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  function act(action: object | string, headers: Record<string, string> = {}): Promise<Result> {
    return send(simulator, '/console/actions', {
      headers: { 'content-type': 'application/json', origin: simulator.url, ...headers },
      body: action,
    })
  }

  function page(language = 'en'): Promise<Result> {
    const headers = { 'accept-language': language }
    return send(simulator, '/', { method: 'GET', headers })
  }

  it('shows the calls so far and the settings for an app', async () => {
    await login(simulator, { person: personWith(simulator, 'SOCIAL_BIND') })
    const { status, text } = await page()
    expect(status).to.equal(200)
    expect(text).to.include('/api/v3/sdk/login/alipay').and.include('SOCIAL_BIND')
    expect(text).to.include(`ONEACCESS_DOMAIN=${simulator.url}`)
    expect(simulator.calls).to.have.length(1)
  })

  it('shows no complete secret', async () => {
    const token = await sessionToken(simulator)
    const { text } = await page()
    expect(text).not.to.include(token.slice(3))
    expect(text).not.to.include(simulator.clientSecret)
    for (const { mobile } of simulator.people) if (mobile) expect(text).not.to.include(mobile)
  })

  it('escapes request headers', async () => {
    await refresh(simulator, 'unknown', { 'x-l': '<script>alert(1)</script>' })
    expect((await page()).text).not.to.include('<script>alert')
  })

  it('loads nothing from other origins and runs only its own script', async () => {
    const { text, headers } = await page()
    expect(text).not.to.match(/(src|href)="(?!data:)/)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy)
      .to.include("default-src 'none'")
      .and.match(/script-src 'nonce-[^']+'$/)
    expect(policy).not.to.include('unsafe')
  })

  it('is in the language that Accept-Language prefers', async () => {
    expect((await page('zh-TW,zh;q=0.9')).text).to.include('<html lang="zh-CN">')
    expect((await page('de,en;q=0.5')).text).to.include('<html lang="en">')
  })

  it('is completely in Chinese, including calls and options', async () => {
    await login(simulator)
    const shown = chineseOf((await page('zh-CN')).text)
    expect(shown).to.include('请求头').and.include('用授权码登录 login')
    expect(shown).to.include('不轮换（never）')
    expect(englishIn(shown)).to.equal(undefined)
  })

  it('streams each call as it happens', async () => {
    const events = await listen(simulator)
    await events.until((text) => simulator.people.every(({ name }) => text.includes(name)))
    await login(simulator)
    const streamed = await events.until((text) => /event: call\n.*SUCCESS/.test(text))
    expect(streamed).to.include('event: calls').and.include('event: panel').and.include('call-1')
    await events.end()
  })

  it('changes settings, the clock, faults, sessions and users', async () => {
    await login(simulator)
    const before = simulator.clock.now()
    const { id = '' } = simulator.people[1] ?? {}
    const actions = [
      { do: 'setting', name: 'rotation', value: 'always' },
      { do: 'advance', value: '3600000' },
      { do: 'fault', endpoint: 'jwks', fault: 'error', times: 1 },
      { do: 'end-sessions' },
      { do: 'disable', person: id },
    ]
    for (const action of actions) expect((await act(action)).status).to.equal(204)
    expect(simulator.settings.rotation).to.equal('always')
    expect(simulator.clock.now() - before).to.be.at.least(3_600_000)
    const keys = await send(simulator, '/api/v1/oauth2/keys', { method: 'GET' })
    expect(keys.status).to.equal(500)
    expect(simulator.sessions()[0]?.endedBy).to.equal('administrator')
    expect((await login(simulator, { person: id })).body.status).to.equal('ACCESS_DENIED')
    await act({ do: 'reset' })
    expect(simulator.sessions()).to.deep.equal([])
  })

  it('refuses unknown or invalid actions with 400', async () => {
    const wrong = [
      { do: 'constructor' },
      { do: 'setting', name: 'rotation', value: 'sometimes' },
      { do: 'setting', name: '__proto__', value: 1 },
      { do: 'advance', value: -1 },
      { do: 'fault', endpoint: 'nowhere', fault: 'error', times: 1 },
      { do: 'disable', person: 'nobody' },
      'null',
      '{',
    ]
    for (const action of wrong) expect((await act(action)).status, String(action)).to.equal(400)
    for (const action of wrong.slice(0, 6)) {
      const { body } = await act(action, { 'accept-language': 'zh-CN' })
      expect(body.error_msg, JSON.stringify(action)).to.match(/[\u4e00-\u9fff]{2}/)
      expect(englishIn(body.error_msg ?? '')).to.equal(undefined)
    }
  })

  it('accepts actions only from its own page', async () => {
    const action = { do: 'setting', name: 'rotation', value: 'always' }
    const foreign = [
      await act(action, { origin: 'http://evil.example' }),
      await act(action, { origin: 'null' }),
      await act(action, { origin: '' }),
      await act(action, { 'content-type': 'text/plain' }),
    ]
    expect(foreign.map(({ status }) => status)).to.deep.equal(Array(4).fill(403))
    expect(simulator.settings.rotation).to.equal('never')
  })
})

/** Reads the event stream of the console into one string. */
async function listen(simulator: Simulator) {
  const response = await fetch(`${simulator.url}/console/events`)
  const reader = response.body?.getReader()
  if (!reader) throw new Error('no events')
  let text = ''
  return {
    async until(isComplete: (text: string) => boolean): Promise<string> {
      while (!isComplete(text)) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`the events ended: ${text}`)
        text += Buffer.from(value).toString()
      }
      return text
    },
    end: () => reader.cancel(),
  }
}
