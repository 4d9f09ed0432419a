import { hkdfSync } from 'node:crypto'
import { expect } from 'chai'
import { CompactEncrypt } from 'jose'
import { sealWith } from '../../lib/tokens/seal.js'

const SECRET = 'an old secret of at least 32 characters'
/** Sealed with it by version 0.1.0. TokenRepository outlive an update: none may log everybody out. */
const SEALED =
  'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiNjMxMmNjZmJlYmNiOGZmMiJ9.' +
  '.oYjCaN__WCrCSLRh.5L8LWywWv3FTM6wAjid5UorqewIi3cIfq_LrzrpbyxLnrhb0fgeMs6xLzJ2yHdlKM-FYCoAa78M' +
  'eMvod0VwvkAGlZIJYm0Orc9Hg_1N7VW6hSLfiKujOuCIpJdlPgfGHgaREcRMhiyXUwylxrahsoBVqLWF5PSwKVssxckhO' +
  'k1U_iQZ5B-4Vhg.dccqKfFYOfrwUApahB-KCg'

describe('sealWith', () => {
  const rejected = (opening: Promise<string>) =>
    opening.then(
      (text) => expect.fail(`it was opened: ${text}`),
      (error: Error) => error,
    )

  it('opens what an earlier version has sealed', async () => {
    expect(JSON.parse(await sealWith([SECRET]).open(SEALED))).to.deep.include({
      format: 1,
      sessionToken: 'session-0',
    })
  })

  it('seals so that an earlier version can open it', async () => {
    const sealed = await sealWith([SECRET, 'another secret, which only opens']).close('text')
    expect(sealed.split('.')[0]).to.equal(SEALED.split('.')[0])
    expect(await sealWith([SECRET]).open(sealed)).to.equal('text')
  })

  it('says so when the secret is not listed', async () => {
    const error = await rejected(sealWith(['a secret of another application']).open(SEALED))
    expect(error.message).to.include('not listed')
  })

  it('opens nothing that names no key, or that was not sealed as it seals', async () => {
    const info = 'passport-oneaccess-alipay token record'
    const key = new Uint8Array(hkdfSync('sha256', SECRET, '', info, 32))
    const kid = '6312ccfbebcb8ff2'
    const sealedAs = (header: { alg: string; enc: string; kid?: string }) =>
      new CompactEncrypt(new TextEncoder().encode('text')).setProtectedHeader(header).encrypt(key)
    const { open } = sealWith([SECRET])
    expect(await open(await sealedAs({ alg: 'dir', enc: 'A256GCM', kid }))).to.equal('text')
    for (const header of [
      { alg: 'dir', enc: 'A256GCM' },
      { alg: 'dir', enc: 'A128CBC-HS256', kid },
      { alg: 'A256KW', enc: 'A256GCM', kid },
    ]) {
      await rejected(open(await sealedAs(header)))
    }
  })

  it('refuses to be made without a secret', () => {
    expect(() => sealWith([] as never)).to.throw(TypeError, 'sealWith needs a secret')
  })
})
