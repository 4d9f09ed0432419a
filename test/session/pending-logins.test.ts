import { expect } from 'chai'
import { pendingLogin } from '../../lib/session/pending-logins.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'
import type { TokenRecord } from '../../lib/tokens/record.js'
import { TokenRepository } from '../../lib/tokens/repository.js'
import { noSeal } from '../../lib/tokens/seal.js'

const RECORD: TokenRecord = {
  sessionToken: 'session-1',
  refreshedAt: Date.now(),
  device: { osVersion: 'Android 10', fingerprint: 'f', ip: '127.0.0.1', agent: 'a' },
}

describe('pendingLogin', () => {
  let store: MemoryTokenStore
  let records: TokenRepository

  beforeEach(() => {
    store = new MemoryTokenStore()
    records = new TokenRepository(store, noSeal, 1_000)
  })

  const isDown = () => Promise.reject(new Error('down'))

  it('creates its record once, even with two concurrent calls', async () => {
    const login = pendingLogin(RECORD)
    await Promise.all([login.createIn(records), login.createIn(records)])
    const { version, record } = await records.read(login.id)
    expect(version).to.equal(1)
    expect(record).to.deep.equal(RECORD)
  })

  it('creates its record at the second attempt if the store fails at the first', async () => {
    const login = pendingLogin(RECORD)
    const write = store.compareAndSet
    store.compareAndSet = isDown
    const failure = await login.createIn(records).catch((error: unknown) => error)
    expect(failure).to.include({ code: 'store_failed' })
    expect(await login.hasLoggedOut()).to.equal(false)
    store.compareAndSet = write
    await login.createIn(records)
    expect((await records.read(login.id)).record).to.deep.equal(RECORD)
  })

  it('ends its record with the reason logout', async () => {
    const login = pendingLogin(RECORD)
    await login.createIn(records)
    expect(await login.hasLoggedOut()).to.equal(false)
    await login.end()
    expect(await login.hasLoggedOut()).to.equal(true)
    expect((await records.read(login.id)).record.ended).to.include({ reason: 'logout' })
  })

  it('ends nothing before its record is created, or if that failed', async () => {
    const login = pendingLogin(RECORD)
    await login.end()
    expect(await login.hasLoggedOut()).to.equal(false)
    store.compareAndSet = isDown
    await login.createIn(records).catch(() => {})
    await login.end()
    expect((await records.read(login.id)).record.ended).to.include({ reason: 'missing' })
  })
})
