import { expect } from 'chai'
import sinon from 'sinon'
import { failureTextFor } from '../../example/shop/pages/failures.js'
import { memoryStores } from '../../example/shop/stores.js'
import { Browser } from '../support/browser.js'
import { decideAtAlipay, type Example, logIn, openExample } from '../support/example.js'

describe('the pages of the example', () => {
  let example: Example
  before(async () => {
    example = await openExample()
  })
  beforeEach(() => example.simulator.reset())
  afterEach(() => sinon.restore())
  after(() => example.close())

  it('are in English or Chinese as Accept-Language prefers, and otherwise in Chinese', async () => {
    const languageFor = async (asked: string) => {
      const { text } = await new Browser({ 'accept-language': asked }).get(`${example.url}/`)
      return /<html lang="([^"]+)">/.exec(text)?.[1]
    }
    expect(await languageFor('en-GB,en;q=0.9')).to.equal('en')
    expect(await languageFor('zh-TW,zh;q=0.9,en;q=0.1')).to.equal('zh-CN')
    expect(await languageFor('fr')).to.equal('zh-CN')
  })

  it('change their language with a link and remember it', async () => {
    const browser = new Browser({ 'accept-language': 'zh' })
    const failed = await browser.get(`${example.url}/login?failed=declined`)
    expect(failed.text).to.contain('href="/login?failed=declined&#38;language=en"')
    const chosen = await browser.get(`${example.url}/login?failed=declined&language=en`)
    expect(chosen.location).to.equal(`${example.url}/login?failed=declined`)
    expect((await browser.get(chosen.location)).text).to.contain('You cancelled the login')
    expect((await browser.get(`${example.url}/nowhere`)).text).to.contain('Page not found')
  })

  it('have no inline code, load nothing from other origins, and are not cached', async () => {
    const browser = await logIn(example)
    for (const path of ['/', '/login?failed=declined', '/nowhere']) {
      const { headers, text } = await browser.get(example.url + path)
      const policy = headers.get('content-security-policy')
      expect(policy).to.contain("default-src 'none'").and.to.not.contain('unsafe')
      expect(headers.get('cache-control')).to.equal('no-store')
      expect(headers.get('x-powered-by')).to.equal(null)
      expect(text).to.not.match(/<script(?! type="module" src="\/)|\son\w+=|\sstyle=|<style/)
      expect(text).to.not.match(/(src|href)="(?!\/|#|\?)(?!http:\/\/127\.0\.0\.1)/)
    }
  })

  it('have the headers that helmet sends', async () => {
    const { headers } = await new Browser().get(`${example.url}/`)
    const sent = Object.fromEntries(headers)
    expect(sent).to.include({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-dns-prefetch-control': 'off',
      'x-download-options': 'noopen',
      'x-frame-options': 'SAMEORIGIN',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
    })
    expect(sent['content-security-policy']).to.contain("form-action 'self'")
  })

  it('escape the user’s name and the query string', async () => {
    const { simulator } = example
    const [person] = simulator.people
    if (person === undefined) throw new Error('nobody')
    const { name } = person
    person.name = '<script>alert(1)</script>"\'&'
    const browser = await logIn(example)
    const front = await browser.get(`${example.url}/?a="><script>alert(2)</script>`)
    person.name = name
    expect(front.text).to.not.contain('<script>')
    expect(front.text).to.contain('&#60;script&#62;')
    const login = await browser.get(`${example.url}/login?failed="><script>`)
    expect(login.text).to.not.contain('<script>')
  })

  it('describe a failed login by its code, in both languages', async () => {
    const { text } = await new Browser().get(`${example.url}/login?failed=constructor`)
    expect(text).to.not.contain('role="alert"')
    for (const code of ['declined', 'state_expired', 'code_refused', 'social_bind', 'no_user']) {
      for (const language of ['zh', 'en'] as const) {
        const browser = new Browser({ 'accept-language': language })
        const page = await browser.get(`${example.url}/login?failed=${code}`)
        const failure = failureTextFor(code, language)
        expect(page.text).to.contain(failure?.what).and.to.contain(failure?.again)
        expect(page.text).to.contain('role="alert"').and.to.contain('href="/auth/alipay"')
      }
    }
  })

  it('have a heading and a title of their own for each failure code', async () => {
    const kinds = [
      ['declined', 'code_missing', 'state_unknown', 'state_expired', 'state_spent'],
      ['app_id_mismatch', 'code_refused', 'mfa_auth', 'login_incomplete'],
      ['challenge_missing', 'challenge_over', 'contact_blocked'],
      ['parameters_malformed', 'access_denied', 'social_bind'],
    ].flat()
    for (const language of ['zh', 'en'] as const) {
      const browser = new Browser({ 'accept-language': language })
      const titles = new Set<string>()
      for (const code of kinds) {
        const { text } = await browser.get(`${example.url}/login?failed=${code}`)
        const [, title = ''] = /<title>(.+) · /.exec(text) ?? []
        expect(text, code).to.contain(`<h1>${title}</h1>`)
        titles.add(title)
      }
      expect(titles.size, [...titles].join()).to.equal(kinds.length)
    }
  })

  it('offer a logged-in user the shop first, and another login second, after a failed login', async () => {
    const browser = await logIn(example)
    const { text } = await browser.get(`${example.url}/login?failed=state_expired`)
    expect(text).to.match(/<a class="solid" href="\/">.+<a class="quiet" href="\/auth\/alipay">/s)
    expect(text).to.contain('王芳，你仍然处于登录状态。').and.to.not.contain('class="alipay"')
  })

  it('have no login link during a login', async () => {
    const browser = new Browser()
    const offer = '<a class="quiet" href="/login">'
    for (const path of ['/login', '/login?failed=declined', '/auth/alipay/callback?state=x']) {
      const begun = await browser.get(example.url + path)
      const page = begun.location ? await browser.get(begun.location) : begun
      expect(page.text, path).to.contain('<h1>').and.to.not.contain(offer)
    }
    for (const path of ['/', '/login-help']) {
      expect((await browser.get(example.url + path)).text, path).to.contain(offer)
    }
  })

  it('answer 503 with Retry-After when OneAccess is down, and log the error without the code', async () => {
    const log = sinon.stub(console, 'error')
    const browser = new Browser({ 'accept-language': 'en' })
    const callback = await decideAtAlipay(example, browser)
    example.simulator.fault('login', { status: 503, headers: { 'retry-after': '7' } })
    const away = await browser.get(callback)
    expect([away.status, away.headers.get('retry-after')]).to.deep.equal([503, '7'])
    expect(away.text).to.contain('You cannot log in right now').and.to.contain('Log in again')
    const logged = log.args.flat().join('\n')
    expect(logged)
      .to.match(/^login: /)
      .and.to.not.contain('auth_code')
    expect(away.text).to.not.contain(logged)
  })

  it('answer 503 when the store fails during a request', async () => {
    const stores = memoryStores()
    const lost = await openExample({ stores: [stores] })
    const log = sinon.stub(console, 'error')
    const browser = new Browser()
    await browser.get(`${lost.url}/auth/alipay`)
    stores.sessions.get = (_id, done) => {
      stores.isReady = () => false
      done(new Error('the socket closed'))
    }
    const answer = await browser.get(`${lost.url}/`)
    await lost.close()
    expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '2'])
    expect(log.callCount).to.equal(1)
  })

  it('answer 405 with Allow for other methods, and 404 for other paths', async () => {
    const browser = new Browser()
    const cases: [method: string, path: string, status: number, allow: string | null][] = [
      ['GET', '/nowhere', 404, null],
      ['GET', '/logout', 405, 'POST'],
      ['GET', '/auth/alipay/app', 405, 'POST'],
      ['POST', '/', 405, 'GET'],
      ['POST', '/login', 405, 'GET'],
      ['POST', '/auth/alipay', 405, 'GET'],
      ['POST', '/auth/alipay/callback', 405, 'GET'],
      ['POST', '/me', 405, 'GET'],
      ['DELETE', '/token', 405, 'GET'],
      ['GET', '/%', 404, null],
      ['GET', '/assets/../app.ts', 404, null],
      ['GET', '/assets/%2e%2e/app.ts', 404, null],
    ]
    for (const [method, path, status, allow] of cases) {
      const answer = await fetch(example.url + path, { method, headers: browser.headers })
      const { headers } = answer
      expect([method, path, answer.status, headers.get('allow')]).to.deep.equal([
        method,
        path,
        status,
        allow,
      ])
    }
  })

  it('answer 401 as JSON at /me and /token without a login', async () => {
    for (const path of ['/me', '/token']) {
      const answer = await new Browser().get(example.url + path)
      expect([answer.status, answer.json()]).to.deep.equal([401, { error: 'not_logged_in' }])
      expect(answer.headers.getSetCookie()).to.deep.equal([])
    }
  })

  it('redirect a login from another host name to that of the callback URL', async () => {
    const other = example.url.replace('127.0.0.1', 'localhost')
    const begun = await new Browser().get(`${other}/auth/alipay?product=puer`)
    expect(begun.location).to.equal(`${example.url}/auth/alipay?product=puer`)
  })
})
