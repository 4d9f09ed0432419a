import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Registry } from 'prom-client'
import { inRepository, run } from '../package/installed.js'
import { logIn, openShop } from '../support/shop.js'
import { compileBlocks, importBlock } from './blocks.js'

const PAGE = 'docs/observability.md'

describe('the code of docs/observability.md', function () {
  this.timeout(60_000)
  before(async () => {
    const { code, stdout } = await compileBlocks()
    expect(code, stdout).to.equal(0)
  })

  it('exports Prometheus metrics for logins, refreshes, ends, calls and the store, without user data', async () => {
    const register = new Registry()
    const { measureOneAccess } = (await importBlock(PAGE, 0)) as {
      measureOneAccess(register: Registry): void
    }
    measureOneAccess(register)
    const shop = await openShop()
    const { browser } = await logIn(shop)
    await browser.post(`${shop.url}/refresh`)
    await browser.post(`${shop.url}/logout`)
    const text = await register.metrics()
    expect(text).to.match(/oneaccess_logins_total\{flow="web",outcome="success",code=""\} 1/)
    expect(text).to.match(/oneaccess_refreshes_total\{outcome="renewed",code="",called="true"\} 1/)
    expect(text).to.match(/oneaccess_ends_total\{reason="logout"\} 1/)
    expect(text).to.match(/oneaccess_call_seconds_count\{step="login",outcome="answered"\} 1/)
    expect(text).to.match(/oneaccess_store_seconds_count\{operation="write",outcome="done"\} [1-9]/)
    const [session] = shop.simulator.sessions()
    const [person] = shop.simulator.people
    for (const secret of [session?.sessionToken, person?.id, person?.mobile, person?.name]) {
      expect(text).to.not.include(secret)
    }
    await shop.close()
  })

  it('traces a login with OpenTelemetry without exporting auth_code or state', async () => {
    const program = fileURLToPath(new URL('tracing-run.js', import.meta.url))
    const { code, stdout, stderr } = await run(inRepository('.'), process.execPath, [program])
    expect(code, stderr).to.equal(0)
    const { verb, spans } = JSON.parse(stdout) as { verb: string; spans: object[] }
    expect(verb).to.equal('success')
    const text = JSON.stringify(spans)
    expect(text).to.include('/callback').and.include('auth_code=REDACTED')
    expect(text).to.include('/api/v3/sdk/login/alipay')
    expect(text).to.not.match(/(auth_code|state)=(?!REDACTED)[^"&]/)
  })
})
