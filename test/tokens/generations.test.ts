import { expect } from 'chai'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { sealWith } from '../../lib/tokens/seal.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

const OLD = 'an old secret of at least 32 characters'
const NEW = 'a new secret, also of 32 characters or more'
const KEY = `tokens:${LOGIN}`

describe('processes with different secrets or releases that share one store, in a rolling deployment', () => {
  let provider: Provider
  let store: MemoryTokenStore
  beforeEach(() => {
    provider = new Provider()
    store = new MemoryTokenStore()
  })

  const processWith = (first: string, ...others: string[]) =>
    startProcess(provider, { store, seal: sealWith([first, ...others]) })
  const refreshed = async (app: AppProcess) => {
    await app.request().refresh()
    await app.refresher.drain()
  }
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'fine',
      (error: { code: string }) => error.code,
    )

  describe('when a secret is replaced as docs/production.md says', () => {
    const steps: [string, string[], string[]][] = [
      ['the new secret is added second', [OLD], [OLD, NEW]],
      ['the new secret moves to first place', [OLD, NEW], [NEW, OLD]],
      ['the old secret is removed', [NEW, OLD], [NEW]],
    ]
    for (const [step, before, after] of steps) {
      it(`every process reads every record while ${step}`, async () => {
        const [one, other] = [before, after].map((secrets) =>
          processWith(...(secrets as [string, ...string[]])),
        ) as [AppProcess, AppProcess]
        await logIn(one, provider)
        // the old secret is removed only once every record has been sealed with the new one
        if (after.length === 1) await refreshed(one)
        for (const writer of [one, other, one]) {
          await refreshed(writer)
          for (const reader of [one, other]) {
            expect(await codeOf(reader.records.read(LOGIN))).to.equal('fine')
          }
        }
      })
    }

    it('refuses with misconfigured, without a logout, if the new secret is put first right away', async () => {
      const [one, other] = [processWith(OLD), processWith(NEW, OLD)]
      await logIn(one, provider)
      await refreshed(other)
      expect(await codeOf(one.records.read(LOGIN))).to.equal('misconfigured')
      expect((await other.records.read(LOGIN)).record.ended).to.equal(undefined)
      const rolledOut = processWith(NEW, OLD)
      expect(await codeOf(rolledOut.request().idToken())).to.equal('fine')
    })
  })

  it('logs nobody out in a process with a wrong secret, which neither writes nor calls OneAccess', async () => {
    const right = processWith(OLD)
    await logIn(right, provider)
    const stored = await store.get(KEY)
    const wrong = processWith('a secret that somebody else made, 32 or more')
    for (const work of [wrong.request().idToken(), wrong.request().refresh()]) {
      expect(await codeOf(work)).to.equal('misconfigured')
    }
    expect(await store.get(KEY)).to.deep.equal(stored)
    expect(await codeOf(right.request().idToken())).to.equal('fine')
    expect(provider.presented).to.deep.equal([])
  })

  describe('when a newer release writes a newer format', () => {
    /** Rewrites the record as a newer release would. */
    const rewriteAsNewer = async (more: object) => {
      const { version, value } = (await store.get(KEY)) ?? { version: 0, value: '' }
      const record = { ...JSON.parse(value.slice(value.indexOf('{'))), ...more }
      const next = { version: version + 1, value: JSON.stringify(record) }
      await store.compareAndSet(KEY, version, next, 60_000)
      return next
    }

    it('refreshes a readable newer record in an older process and keeps its unknown fields', async () => {
      const older = startProcess(provider, { store })
      await logIn(older, provider)
      await rewriteAsNewer({ format: 2, readableFrom: 1, risk: { level: 3 } })
      await refreshed(older)
      const { value } = (await store.get(KEY)) ?? { value: '' }
      expect(JSON.parse(value.slice(value.indexOf('{')))).to.deep.include({
        format: 2,
        readableFrom: 1,
        risk: { level: 3 },
        sessionToken: 'session-1',
      })
    })

    it('refuses an unreadable newer record in an older process and does not change it', async () => {
      const older = startProcess(provider, { store })
      await logIn(older, provider)
      const written = await rewriteAsNewer({ format: 2, readableFrom: 2 })
      const fresh = startProcess(provider, { store })
      expect(await codeOf(fresh.request().idToken())).to.equal('misconfigured')
      expect(await store.get(KEY)).to.deep.equal(written)
    })

    it('ends an unreadable newer record in an older process on logout', async () => {
      const older = startProcess(provider, { store })
      await logIn(older, provider)
      await rewriteAsNewer({ format: 2, readableFrom: 2 })
      const fresh = startProcess(provider, { store })
      await fresh.records.end(LOGIN, 'logout')
      expect((await fresh.records.read(LOGIN)).record.ended?.reason).to.equal('logout')
    })
  })
})
