import { expect } from 'chai'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import { sealWith } from '../../lib/tokens/seal.js'
import { type AppProcess, LOGIN, logIn, startProcess } from '../support/processes.js'
import { Provider } from '../support/provider.js'

const OLD = 'an old secret of at least 32 characters'
const NEW = 'a new secret, also of 32 characters or more'
const KEY = `tokens:${LOGIN}`

// Two releases, or two settings, of the same app beside each other, as a rolling deployment has them.
describe('two generations of processes with one store', () => {
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

  describe('while a secret is replaced as docs/production.md says', () => {
    const steps: [string, string[], string[]][] = [
      ['the new one is added behind', [OLD], [OLD, NEW]],
      ['the new one comes first', [OLD, NEW], [NEW, OLD]],
      ['the old one goes', [NEW, OLD], [NEW]],
    ]
    for (const [what, before, after] of steps) {
      it(`nobody is refused, whichever process wrote last: ${what}`, async () => {
        const [one, other] = [before, after].map((secrets) =>
          processWith(...(secrets as [string, ...string[]])),
        ) as [AppProcess, AppProcess]
        await logIn(one, provider)
        // by the last step every record was written anew since the one before
        if (after.length === 1) await refreshed(one)
        for (const writer of [one, other, one]) {
          await refreshed(writer)
          for (const reader of [one, other]) {
            expect(await codeOf(reader.records.read(LOGIN))).to.equal('fine')
          }
        }
      })
    }

    it('refuses for a moment if the new one is put first at once, and logs nobody out', async () => {
      const [one, other] = [processWith(OLD), processWith(NEW, OLD)]
      await logIn(one, provider)
      await refreshed(other)
      expect(await codeOf(one.records.read(LOGIN))).to.equal('misconfigured')
      expect((await other.records.read(LOGIN)).record.ended).to.equal(undefined)
      const rolledOut = processWith(NEW, OLD)
      expect(await codeOf(rolledOut.request().idToken())).to.equal('fine')
    })
  })

  it('a process with a wrong secret logs nobody out, on no process, and writes nothing', async () => {
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

  describe('of which one writes a later format', () => {
    /** What a later release makes of the record that is there. */
    const writtenLater = async (more: object) => {
      const { version, value } = (await store.get(KEY)) ?? { version: 0, value: '' }
      const record = { ...JSON.parse(value.slice(value.indexOf('{'))), ...more }
      const next = { version: version + 1, value: JSON.stringify(record) }
      await store.compareAndSet(KEY, version, next, 60_000)
      return next
    }

    it('renews it by the older one, fields that it does not know included', async () => {
      const older = startProcess(provider, { store })
      await logIn(older, provider)
      await writtenLater({ format: 2, readableFrom: 1, risk: { level: 3 } })
      await refreshed(older)
      const { value } = (await store.get(KEY)) ?? { value: '' }
      expect(JSON.parse(value.slice(value.indexOf('{')))).to.deep.include({
        format: 2,
        readableFrom: 1,
        risk: { level: 3 },
        sessionToken: 'session-1',
      })
    })

    it('is refused by the older one where it cannot be read, and stays as it is', async () => {
      const older = startProcess(provider, { store })
      await logIn(older, provider)
      const written = await writtenLater({ format: 2, readableFrom: 2 })
      const fresh = startProcess(provider, { store })
      expect(await codeOf(fresh.request().idToken())).to.equal('misconfigured')
      expect(await store.get(KEY)).to.deep.equal(written)
    })

    it('can still be logged out of by the older one', async () => {
      const older = startProcess(provider, { store })
      await logIn(older, provider)
      await writtenLater({ format: 2, readableFrom: 2 })
      const fresh = startProcess(provider, { store })
      await fresh.records.end(LOGIN, 'logout')
      expect((await fresh.records.read(LOGIN)).record.ended?.reason).to.equal('logout')
    })
  })
})
