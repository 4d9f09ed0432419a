import { expect } from 'chai'
import { checkEnvironment, readConfig, simulatorOptionsOf } from '../../example/shop/config.js'
import { logIn, openExample, whoIs } from '../support/example.js'

const tenant = {
  ONEACCESS_DOMAIN: 'acme.huaweioneaccess.com',
  ONEACCESS_CLIENT_ID: 'id',
  ONEACCESS_CLIENT_SECRET: 'secret',
  ALIPAY_APP_ID: '2021000000000001',
  CALLBACK_URL: 'https://shop.example.com/auth/alipay/callback',
}

describe('the environment variables of the example', () => {
  it('become the options of the strategy', () => {
    const env = {
      ...tenant,
      ALIPAY_AUTHORIZATION_URL: 'https://openauth-sandbox.dl.alipaydev.com/oauth2/x.htm',
      ONEACCESS_LOGIN_VERSION: 'v2',
      ONEACCESS_REFRESH_WITH: 'session-token',
      ONEACCESS_TENANT_ID: 'tenant-7',
    }
    checkEnvironment(env)
    expect(readConfig(env, undefined, 3000).oneaccess).to.deep.equal({
      domain: tenant.ONEACCESS_DOMAIN,
      clientID: 'id',
      clientSecret: 'secret',
      alipayAppID: tenant.ALIPAY_APP_ID,
      callbackURL: tenant.CALLBACK_URL,
      authorizationURL: env.ALIPAY_AUTHORIZATION_URL,
      loginVersion: 'v2',
      refreshWith: 'session-token',
      tenantID: 'tenant-7',
    })
  })

  it('are treated as not set when empty', () => {
    const env = { ...tenant, ONEACCESS_LOGIN_VERSION: '', ONEACCESS_TENANT_ID: '', PORT: '' }
    checkEnvironment(env)
    expect(readConfig(env, undefined, 3000).oneaccess).to.not.have.any.keys(
      'loginVersion',
      'tenantID',
    )
    expect(() => checkEnvironment({ ...tenant, CALLBACK_URL: '' })).to.throw(
      'CALLBACK_URL is missing',
    )
  })

  it('give every process of a tenant the same session secret unless SESSION_SECRET is set', () => {
    const secretFor = (env: object) =>
      readConfig({ ...tenant, ...env }, undefined, 1).sessionSecrets[0] ?? ''
    expect(secretFor({}))
      .to.equal(secretFor({ PORT: '4000' }))
      .and.to.match(/^[0-9a-f]{64}$/)
    expect(secretFor({ ONEACCESS_CLIENT_SECRET: 'other' })).to.not.equal(secretFor({}))
    expect(secretFor({ SESSION_SECRET: 'own' })).to.equal('own')
  })

  it('accept several secrets, in the given order', () => {
    const [one, two] = ['1'.repeat(32), '2'.repeat(32)]
    const env = { ...tenant, SESSION_SECRET: `${one}, ${two}`, TOKEN_SECRET: `${two},${one}` }
    checkEnvironment(env)
    const { sessionSecrets, tokenSecrets } = readConfig(env, undefined, 1)
    expect([sessionSecrets, tokenSecrets]).to.deep.equal([
      [one, two],
      [two, one],
    ])
    expect(readConfig(tenant, undefined, 1).tokenSecrets).to.deep.equal([])
  })

  it('are refused by name when invalid, or when they would be ignored', () => {
    const wrong: [name: string, value: string][] = [
      ['TOKEN_SECRET', 'short'],
      ['TOKEN_SECRET', `${'1'.repeat(32)},`],
      ['SESSION_SECRET', 'one,,two'],
      ['PORT', '70000'],
      ['PORT', 'http'],
      ['ONEACCESS_LOGIN_VERSION', 'v4'],
      ['ONEACCESS_REFRESH_WITH', 'cookie'],
      ['REDIS_URL', 'localhost:6379'],
      ['CALLBACK_URL', '/auth/alipay/callback'],
    ]
    for (const [name, value] of wrong) {
      const check = () => checkEnvironment({ ...tenant, [name]: value })
      expect(check, `${name}=${value}`).to.throw(`${name} must be`)
    }
    const chinese = { LANG: 'zh_CN.UTF-8' }
    for (const [name, value] of wrong) {
      const check = () => checkEnvironment({ ...tenant, ...chinese, [name]: value })
      expect(check, `${name}=${value}`).to.throw(
        new RegExp(`^环境变量有误：\n {2}${name} 的值无效`),
      )
    }
    const address = { ALIPAY_AUTHORIZATION_URL: 'https://openauth.alipay.com/x' }
    expect(() => checkEnvironment(address)).to.throw('without ONEACCESS_DOMAIN')
  })

  it('also configure the simulated tenant', async () => {
    const env = {
      ONEACCESS_CLIENT_ID: 'my-client',
      ONEACCESS_CLIENT_SECRET: 'my-secret',
      ALIPAY_APP_ID: '2021000000000077',
      ONEACCESS_TENANT_ID: 'tenant-7',
      ONEACCESS_LOGIN_VERSION: 'v2',
    }
    expect(simulatorOptionsOf(env)).to.include({ clientID: 'my-client', tenantID: 'tenant-7' })
    const example = await openExample({ env })
    const browser = await logIn(example)
    const me = await whoIs(example, browser)
    const paths = example.simulator.calls.map((call) => call.path)
    await example.close()
    expect(me?.user.name).to.equal('王芳')
    expect(paths).to.include('/api/v2/sdk/login/alipay')
  })

  it('with NODE_ENV=production make cookies Secure and trust X-Forwarded-Proto', async () => {
    const env = { NODE_ENV: 'production', SESSION_SECRET: 'a secret' }
    const example = await openExample({ env })
    const over = (protocol: string) =>
      fetch(`${example.url}/auth/alipay`, {
        redirect: 'manual',
        headers: { 'x-forwarded-proto': protocol },
      })
    const [secure, plain] = [await over('https'), await over('http')]
    await example.close()
    const [cookie = ''] = secure.headers.getSetCookie()
    expect(cookie).to.match(/^__Host-shop=.*; Path=\/;.*; HttpOnly; Secure; SameSite=Lax$/)
    expect(plain.headers.getSetCookie()).to.deep.equal([])
    expect(secure.headers.get('strict-transport-security')).to.equal('max-age=31536000')
  })
})
