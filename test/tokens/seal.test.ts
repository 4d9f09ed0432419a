import { hkdfSync } from 'node:crypto'
import { expect } from 'chai'
import { CompactEncrypt } from 'jose'
import { noSeal, SealError, sealWith } from '../../lib/tokens/seal.js'

const SECRET = 'an old secret of at least 32 characters'
/** Sealed with it for this key. Records outlive an update: none may log everybody out. */
const KEY = 'tokens:pinned'
const SEALED =
  'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiNjMxMmNjZmJlYmNiOGZmMiIsImtleSI6IjIxYTU3MzY1ZWQ1' +
  'ZGVhYzE4YzM5OGNkOCJ9..ZTxqgWV4RIx4bBoH.UobsUQtUHCXcSzs-Bd4gElSx8hKFT-WyY0dPJQjTWK6i241vkOWEM0rWf' +
  'U1lUe9ZwMmHAUpZGaZzMd90I6ZKhW67WLUM0P6bTUv4DQL3Fa7MkIQSKWYeZ6erOV8jiOujCGYfT-jIFHEN1059zoKE66tgV' +
  'mfmt2tanA.gpZ2r2rhma4D2Mx6K0-VKQ'

describe('sealWith', () => {
  const rejected = (opening: Promise<string>) =>
    opening.then(
      (text) => expect.fail(`it was opened: ${text}`),
      (error: Error) => error,
    )

  it('opens what an earlier version has sealed', async () => {
    expect(JSON.parse(await sealWith([SECRET]).open(SEALED, KEY))).to.deep.include({
      format: 1,
      sessionToken: 'session-0',
    })
  })

  it('seals so that an earlier version can open it', async () => {
    const sealed = await sealWith([SECRET, 'another secret, which only opens']).close('text', KEY)
    expect(sealed.split('.')[0]).to.equal(SEALED.split('.')[0])
    expect(await sealWith([SECRET]).open(sealed, KEY)).to.equal('text')
  })

  it('says so when the secret is not listed', async () => {
    const error = await rejected(sealWith(['a secret of another application']).open(SEALED, KEY))
    expect(error.message).to.include('a secret that is not in tokenStore.secret')
  })

  it('opens nothing that names no key, or that was not sealed as it seals', async () => {
    const info = 'passport-oneaccess-alipay token record'
    const key = new Uint8Array(hkdfSync('sha256', SECRET, '', info, 32))
    const kid = '6312ccfbebcb8ff2'
    const name = JSON.parse(Buffer.from(SEALED.split('.')[0] ?? '', 'base64url').toString()).key
    const sealedAs = (header: { alg: string; enc: string; kid?: string; key?: string }) =>
      new CompactEncrypt(new TextEncoder().encode('text')).setProtectedHeader(header).encrypt(key)
    const { open } = sealWith([SECRET])
    expect(
      await open(await sealedAs({ alg: 'dir', enc: 'A256GCM', kid, key: name }), KEY),
    ).to.equal('text')
    for (const header of [
      { alg: 'dir', enc: 'A256GCM', key: name },
      { alg: 'dir', enc: 'A256GCM', kid },
      { alg: 'dir', enc: 'A128CBC-HS256', kid, key: name },
      { alg: 'A256KW', enc: 'A256GCM', kid, key: name },
    ]) {
      await rejected(open(await sealedAs(header), KEY))
    }
  })

  it('does not open what was moved to another key', async () => {
    const error = await rejected(sealWith([SECRET]).open(SEALED, 'tokens:another'))
    expect(error.message).to.include('sealed under another key')
  })

  it('refuses to be made without a secret', () => {
    expect(() => sealWith([] as never)).to.throw(TypeError, 'sealWith needs a secret')
  })
})

describe('noSeal', () => {
  it('writes no text twice alike, and reads each', async () => {
    const [one, two] = [await noSeal.close('{"a":1}', KEY), await noSeal.close('{"a":1}', KEY)]
    expect(one).to.not.equal(two)
    expect([await noSeal.open(one, KEY), await noSeal.open(two, KEY)]).to.deep.equal([
      '{"a":1}',
      '{"a":1}',
    ])
  })

  it('distinguishes an encrypted record from a damaged one', () => {
    expect(() => noSeal.open(SEALED, KEY)).to.throw(SealError, 'set tokenStore.secret')
  })
})
