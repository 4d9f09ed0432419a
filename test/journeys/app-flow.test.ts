import { expect } from 'chai'
import { Browser } from '../support/browser.js'
import { type Example, openExample, personWith, whoIs } from '../support/example.js'

describe('POST /auth/alipay/app', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  after(() => example.close())

  const codeOf = (outcome: string) =>
    example.simulator.issueCode(personWith(example.simulator, outcome).id)
  const address = () => `${example.url}/auth/alipay/app`

  it('logs a native app in with its code, and keeps it logged in with a cookie', async () => {
    for (const name of ['auth_code', 'authCode', 'code']) {
      const app = new Browser()
      const answer = await app.postJson(address(), { [name]: codeOf('SUCCESS') })
      expect(answer.status).to.equal(200)
      expect(answer.json()).to.deep.equal((await whoIs(example, app))?.user)
      expect((await app.get(`${example.url}/token`)).status).to.equal(200)
    }
  })

  it('reports as JSON why a login failed', async () => {
    const expected = {
      ACCESS_DENIED: 'access_denied',
      SOCIAL_BIND: 'social_bind',
      USER_REGISTER: 'user_register',
      MFA_AUTH: 'mfa_auth',
    }
    for (const [outcome, error] of Object.entries(expected)) {
      const app = new Browser()
      const answer = await app.postJson(address(), { auth_code: codeOf(outcome) })
      expect(answer.status).to.equal(401)
      expect(answer.json()).to.include({ error })
      expect(answer.text).to.not.contain('state')
      expect(await whoIs(example, app)).to.equal(undefined)
    }
  })

  it('accepts a code once', async () => {
    const body = { auth_code: codeOf('SUCCESS') }
    expect((await new Browser().postJson(address(), body)).status).to.equal(200)
    const again = await new Browser().postJson(address(), body)
    expect([again.status, again.json()]).to.deep.include(401)
    expect(again.json()).to.include({ error: 'code_refused' })
  })

  it('refuses a malformed or missing code without a call to OneAccess', async () => {
    const bodies: [unknown, number][] = [
      [{}, 401],
      [{ auth_code: '' }, 401],
      [{ auth_code: 7 }, 400],
      [{ auth_code: ['a'] }, 400],
      [{ auth_code: { a: 1 } }, 400],
      [{ auth_code: 'a'.repeat(1_000) }, 400],
      [{ auth_code: 'a\u0000b' }, 400],
      [{ auth_code: 'a', code: 'b' }, 400],
      [['a'], 400],
      ['a', 400],
      [{ auth_code: 'a', more: 'x'.repeat(20_000) }, 413],
    ]
    for (const [body, status] of bodies) {
      const answer = await new Browser().postJson(address(), body)
      expect(answer.status, JSON.stringify(body).slice(0, 60)).to.equal(status)
      expect(answer.json()).to.have.property('error')
    }
    expect(example.simulator.count('login')).to.equal(0)
  })

  it('refuses a form, as another site could send one', async () => {
    const form = await new Browser().post(address(), { auth_code: codeOf('SUCCESS') })
    expect(form.status).to.equal(400)
    expect(form.json()).to.include({ error: 'parameters_malformed' })
    expect(example.simulator.count('login')).to.equal(0)
  })

  it('answers an invalid JSON body with 400 without repeating it', async () => {
    const raw = await fetch(address(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"auth_code": secret}',
    })
    expect(raw.status).to.equal(400)
    expect(await raw.json()).to.deep.equal({ error: 'bad_request' })
  })
})
