import { expect } from 'chai'
import sinon from 'sinon'
import { Browser, type Page } from '../support/browser.js'
import { codesFor } from '../support/challenge.js'
import { type Example, openExample, personWith, whoIs } from '../support/example.js'

describe('/auth/alipay/challenge, for a native app', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  afterEach(() => sinon.restore())
  after(() => example.close())

  const address = (path = '') => `${example.url}/auth/alipay/challenge${path}`
  const begin = async (outcome: string, nth = 0) => {
    const app = new Browser()
    const person = personWith(example.simulator, outcome, nth)
    const auth_code = example.simulator.issueCode(person.id)
    const answer = await app.postJson(`${example.url}/auth/alipay/app`, { auth_code })
    expect(answer.status).to.equal(401)
    return { app, answer, mobile: person.mobile ?? '', email: person.email ?? '' }
  }
  const solve = async (app: Browser) => {
    const { token, picture, piece } = (await app.get(address('/captcha'))).json() as Captcha
    expect([picture, piece].join()).to.match(
      /^data:image\/png;base64,[^,]+,data:image\/png;base64,/,
    )
    return { token, x: example.simulator.captchaAnswer(token) }
  }
  const requestCode = async (app: Browser, fields: object): Promise<Page> =>
    app.postJson(address('/code'), { ...(await solve(app)), ...fields })
  const finish = (app: Browser, verify_code: unknown) => app.postJson(address(), { verify_code })

  it('describes the challenge as JSON and completes it with JSON', async () => {
    const { app, answer, mobile } = await begin('SOCIAL_BIND')
    const flows = ['VERIFY_PHONE', 'VERIFY_EMAIL']
    const challenge = { status: 'SOCIAL_BIND', flows }
    expect(answer.json()).to.deep.include({ error: 'social_bind', challenge })
    const open = (await app.get(address())).json() as { expiresAt: number }
    expect(open).to.deep.include(challenge)
    expect(open.expiresAt - Date.now()).to.be.within(590_000, 600_000)
    expect((await requestCode(app, { mobile })).json()).to.deep.equal({ sent: true })
    const done = await finish(app, codesFor(example, mobile).right)
    expect([done.status, done.json()]).to.deep.equal([200, (await whoIs(example, app))?.user])
  })

  it('registers by email only with consent, or links an existing customer', async () => {
    const fresh = await begin('USER_REGISTER')
    for (const consent of [undefined, false, 'yes']) {
      const refused = await requestCode(fresh.app, { email: 'new@example.org', consent })
      expect([refused.status, refused.json()]).to.deep.equal([400, { error: 'consent_missing' }])
    }
    expect(example.simulator.count('captcha-verify')).to.equal(0)
    await requestCode(fresh.app, { email: 'new@example.org', consent: true })
    const registered = await finish(fresh.app, codesFor(example, 'new@example.org').right)
    expect(registered.json()).to.include({ name: '刘洋' })
    example.simulator.reset()
    const known = await begin('USER_REGISTER')
    await requestCode(known.app, { mobile: '15200000001', action: 'bind' })
    const bound = await finish(known.app, codesFor(example, '15200000001').right)
    expect(bound.json()).to.include({ name: '王芳' })
  })

  it('continues with a second factor, whose number is masked', async () => {
    const { app, mobile } = await begin('SOCIAL_BIND', 1)
    await requestCode(app, { mobile })
    const between = await finish(app, codesFor(example, mobile).right)
    expect([between.status, between.json()]).to.deep.include(401)
    expect(between.json()).to.include({ error: 'mfa_auth' })
    expect((await app.get(address())).json()).to.include({ mobile: '152****0006' })
    const early = await requestCode(app, {})
    expect(early.status).to.equal(429)
    expect(early.json()).to.include({ error: 'code_not_sent' }).and.to.have.property('retryAfter')
    sinon.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] })
    await requestCode(app, {})
    expect((await finish(app, codesFor(example, mobile).right)).json()).to.include({ name: '赵磊' })
  })

  it('reports malformed input by an error code without a call to OneAccess', async () => {
    const { app, mobile } = await begin('SOCIAL_BIND')
    const { token, x = 0 } = await solve(app)
    const bad: object[] = [
      {},
      { token, x },
      { token, x, mobile: 'call me' },
      { token, x, mobile: [mobile] },
      { token, x, email: 'nobody@' },
      { token, x: 'left', mobile },
      { token, x: null, mobile },
      { token: { a: 1 }, x, mobile },
      [],
    ]
    for (const body of bad) {
      const answer = await app.postJson(address('/code'), body)
      expect([answer.status, answer.json()], JSON.stringify(body)).to.deep.equal([
        400,
        { error: 'input_malformed' },
      ])
    }
    const action = await app.postJson(address('/code'), { token, x, mobile, action: 'steal' })
    expect(action.json()).to.deep.equal({ error: 'parameters_malformed' })
    expect(example.simulator.count('captcha-verify')).to.equal(0)
    const missed = await app.postJson(address('/code'), { token, x: x + 40, mobile })
    expect([missed.status, missed.json()]).to.deep.equal([400, { error: 'puzzle_refused' }])
    for (const code of [undefined, '', 123456, ['123456'], '12']) {
      expect((await finish(app, code)).json()).to.include({ error: 'verify_code_malformed' })
    }
    expect(example.simulator.count('social-bind')).to.equal(0)
  })

  it('ends after five wrong codes and counts the tries down', async () => {
    const { app, mobile } = await begin('SOCIAL_BIND')
    await requestCode(app, { mobile })
    const { wrong } = codesFor(example, mobile)
    for (const triesLeft of [4, 3, 2, 1]) {
      const answer = await finish(app, wrong)
      expect(answer.json()).to.include({ error: 'verify_code_wrong', triesLeft })
    }
    expect((await finish(app, wrong)).json()).to.include({ error: 'challenge_over' })
    for (const path of ['', '/captcha']) {
      const answer = await app.get(address(path))
      expect([answer.status, answer.json()]).to.deep.equal([403, { error: 'challenge_missing' }])
    }
  })

  it('refuses forms, other origins, and requests without a challenge', async () => {
    const { app, mobile } = await begin('SOCIAL_BIND')
    await requestCode(app, { mobile })
    const verify_code = codesFor(example, mobile).right
    for (const path of ['', '/code']) {
      const form = await app.post(address(path), { verify_code })
      expect([form.status, form.json()]).to.deep.equal([400, { error: 'parameters_malformed' }])
      const stranger = await new Browser().postJson(address(path), { verify_code })
      expect([stranger.status, stranger.json()]).to.deep.include(403)
      expect(stranger.json()).to.include({ error: 'challenge_missing' })
      app.headers.origin = 'https://evil.example'
      const foreign = await app.postJson(address(path), { verify_code })
      expect([foreign.status, foreign.json()]).to.deep.equal([403, { error: 'forbidden' }])
      delete app.headers.origin
    }
    const put = await fetch(address(), { method: 'PUT' })
    expect([put.status, put.headers.get('allow')]).to.deep.equal([405, 'GET, POST'])
    expect(example.simulator.count('social-bind')).to.equal(0)
  })
})

interface Captcha {
  token: string
  picture: string
  piece: string
}
