import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Simulator, startSimulator } from '../../../simulator/index.js'
import { signJWT } from '../../../simulator/state/keys.js'
import { login } from '../../simulator/support.js'
import { findingsOf, healthyEnv, runDoctor } from './support.js'

describe('doctor --id-token', () => {
  let simulator: Simulator
  beforeEach(async () => {
    simulator = await startSimulator()
  })
  afterEach(() => simulator.close())

  const issued = async () => (await login(simulator)).body.id_token ?? ''

  async function findings(idToken?: string) {
    const all = await findingsOf({ env: healthyEnv(simulator), live: true, idToken })
    const about = ['the id_token', "the id_token's audience", "the id_token's user"]
    return about.map((one) => `${all.get(one)?.result}: ${all.get(one)?.says}`)
  }

  it('reports a real audience, and the user as separate claims', async () => {
    const [signature, audience, user] = await findings(await issued())
    expect(signature).to.match(/^ok: .*idToken: true/)
    expect(audience).to.match(/^ok: is the client id/)
    expect(user).to.match(/^ok: .*separate claims/)
  })

  it('reports a placeholder audience, and the user in the claim api', async () => {
    simulator.settings.idTokenShape = 'api'
    const [signature, audience, user] = await findings(await issued())
    expect(signature).to.match(/^ok: /)
    expect(audience).to.match(/^ok: is a placeholder/)
    expect(user).to.match(/^ok: .*claim api/)
  })

  it('reports another application’s audience, a missing id, a forged signature, and what is not a JWT', async () => {
    const exp = Math.floor(Date.now() / 1000) + 300
    const [, audience, user] = await findings(signJWT({ aud: 'other', exp }, 'RS256'))
    expect(audience).to.match(/^error: names another application/)
    expect(user).to.match(/^warning: has no id/)
    const [forged] = await findings(`${(await issued()).split('.').slice(0, 2).join('.')}.c2ln`)
    expect(forged).to.match(/^warning: would be refused.*its signature is invalid/)
    expect((await findings('opaque'))[0]).to.match(/^warning: is not a JWT/)
  })

  it('is suggested if no id_token is given', async () => {
    expect((await findings())[0]).to.match(/^skipped: .*--id-token/)
  })

  it('reads the id_token from a file and does not print it', async () => {
    const token = await issued()
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
    const file = join(folder, 'token')
    writeFileSync(file, `${token}\n`)
    const { code, stdout } = await runDoctor(['--live', '--id-token', file], healthyEnv(simulator))
    rmSync(folder, { recursive: true })
    expect(stdout).to.include('is the client id').and.not.include(token.split('.')[1])
    expect(code).to.equal(0)
  })
})
