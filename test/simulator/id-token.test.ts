import { expect } from 'chai'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { type Simulator, startSimulator } from '../../simulator/index.js'
import { claimsOf, login } from './support.js'

const user = {
  id: '20220126153857263-A04D-60E0D446C',
  userName: 'wangfang',
  name: '王芳',
  mobile: '+86-15200000001',
  email: 'wangfang@example.com',
}

describe("the simulator's id_tokens", () => {
  let simulator: Simulator

  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  async function idToken(): Promise<string> {
    return (await login(simulator)).body.id_token ?? ''
  }

  for (const algorithm of ['RS256', 'RS512'] as const) {
    it(`are signed with ${algorithm} by a key of the JWKS`, async () => {
      simulator.settings.idTokenAlgorithm = algorithm
      const token = await idToken()
      const keys = createRemoteJWKSet(new URL(`${simulator.url}/api/v1/oauth2/keys`))
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: simulator.url,
        audience: simulator.clientID,
        algorithms: [algorithm],
      })
      expect(payload.sub).to.equal('wangfang')
      expect(protectedHeader.kid).to.be.a('string')
      expect(simulator.count('jwks')).to.equal(1)
    })
  }

  it('contain the user as claims', async () => {
    const { iss, aud, sub, iat, exp, ...claims } = claimsOf(await idToken())
    expect(claims).to.deep.equal(user)
    expect([iss, aud, sub]).to.deep.equal([simulator.url, simulator.clientID, 'wangfang'])
    expect(Number(exp) - Number(iat)).to.equal(300)
  })

  it('contain the user as a JSON string in api, as in the documented sample, with idTokenShape: api', async () => {
    simulator.settings.idTokenShape = 'api'
    const claims = claimsOf(await idToken())
    expect(claims).to.include({ iss: 'Issuer', aud: 'Audience', sub: 'subject' })
    expect(claims).to.have.all.keys('iss', 'aud', 'sub', 'api', 'iat', 'exp')
    expect(JSON.parse(String(claims.api))).to.deep.equal(user)
  })

  it('have iat from the simulator’s clock and the lifetime idTokenLife', async () => {
    simulator.settings.idTokenLife = 7200
    simulator.clock.advance(1_000_000_000)
    const { iat, exp } = claimsOf(await idToken())
    expect(Number(iat) - Date.now() / 1000).to.be.within(999_990, 1_000_001)
    expect(Number(exp) - Number(iat)).to.equal(7200)
    expect(decodeProtectedHeader(await idToken()).alg).to.equal('RS256')
  })
})
