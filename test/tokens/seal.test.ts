import { hkdfSync } from 'node:crypto'
import { expect } from 'chai'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { noSeal, SealError, sealWith } from '../../lib/tokens/seal.js'

const SECRET = 'an old secret of at least 32 characters'
// SEALED was made with SECRET for this key by an earlier version: an update must log nobody out.
const KEY = 'tokens:pinned'
const SEALED =
  'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiNjMxMmNjZmJlYmNiOGZmMiIsImtleSI6IjIxYTU3MzY1ZWQ1' +
  'ZGVhYzE4YzM5OGNkOCJ9..ZTxqgWV4RIx4bBoH.UobsUQtUHCXcSzs-Bd4gElSx8hKFT-WyY0dPJQjTWK6i241vkOWEM0rWf' +
  'U1lUe9ZwMmHAUpZGaZzMd90I6ZKhW67WLUM0P6bTUv4DQL3Fa7MkIQSKWYeZ6erOV8jiOujCGYfT-jIFHEN1059zoKE66tgV' +
  'mfmt2tanA.gpZ2r2rhma4D2Mx6K0-VKQ'

const KID = '6312ccfbebcb8ff2'
const NAME = JSON.parse(Buffer.from(SEALED.split('.')[0] ?? '', 'base64url').toString()).key
const HEADER = { alg: 'dir', enc: 'A256GCM', kid: KID, key: NAME }
const jweKey = new Uint8Array(
  hkdfSync('sha256', SECRET, '', 'passport-oneaccess-alipay token record', 32),
)
/** The same seal, made by jose. */
const sealedByJose = (header: { alg: string; enc: string }, text = 'text') =>
  new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(jweKey)

describe('sealWith', () => {
  const { open, close } = sealWith([SECRET])

  it('opens a record that an earlier version sealed', () => {
    expect(JSON.parse(open(SEALED, KEY))).to.deep.include({
      format: 1,
      sessionToken: 'session-0',
    })
  })

  it('writes the same header as an earlier version, and never the same text twice', () => {
    const both = sealWith([SECRET, 'another secret, which only opens'])
    const sealed = both.close('text', KEY)
    expect(sealed.split('.')[0]).to.equal(SEALED.split('.')[0])
    expect(open(sealed, KEY)).to.equal('text')
    expect(both.close('text', KEY)).to.not.equal(sealed)
  })

  it('seals a JWE that jose opens, and opens a JWE that jose sealed', async () => {
    const text = JSON.stringify({ name: '张三'.repeat(500) })
    const opened = await compactDecrypt(close(text, KEY), jweKey)
    expect(opened.protectedHeader).to.deep.equal(HEADER)
    expect(new TextDecoder().decode(opened.plaintext)).to.equal(text)
    expect(open(await sealedByJose(HEADER, text), KEY)).to.equal(text)
  })

  it('rejects a record whose secret is not listed, and says so', () => {
    const other = sealWith(['a secret of another application'])
    expect(() => other.open(SEALED, KEY)).to.throw(
      SealError,
      'a secret that is not in tokenStore.secret',
    )
  })

  it('rejects a header without kid or key, or with another algorithm or cty', async () => {
    for (const header of [
      { alg: 'dir', enc: 'A256GCM', key: NAME },
      { alg: 'dir', enc: 'A256GCM', kid: KID },
      { alg: 'dir', enc: 'A128CBC-HS256', kid: KID, key: NAME },
      { alg: 'A256KW', enc: 'A256GCM', kid: KID, key: NAME },
      { ...HEADER, cty: 'something that would have to be understood' },
    ]) {
      const sealed = await sealedByJose(header)
      expect(() => open(sealed, KEY), JSON.stringify(header)).to.throw(SealError)
    }
  })

  it('rejects a JWE of which a part was changed, shortened, dropped or repeated', () => {
    const parts = close('a text of some length', KEY).split('.')
    const [header = '', none = '', iv = '', sealed = '', tag = ''] = parts
    const flipped = (part: string) => (part.startsWith('A') ? 'B' : 'A') + part.slice(1)
    const wrong = [
      ...[2, 3, 4].map((n) => parts.map((part, at) => (at === n ? flipped(part) : part))),
      [Buffer.from('{"alg":"none"}').toString('base64url'), none, iv, sealed, tag],
      [Buffer.from(JSON.stringify({ ...HEADER })).toString('base64url'), none, iv, sealed, iv],
      [header, none, iv, sealed, tag.slice(0, 8)],
      [header, none, iv.slice(0, 8), sealed, tag],
      [header, none, iv, sealed.slice(0, -4), tag],
      [header, none, iv, '', tag],
      [header, 'AAAA', iv, sealed, tag],
      [header, none, iv, sealed],
      [...parts, tag],
      ['', none, iv, sealed, tag],
      ['plain'],
      [''],
    ]
    for (const one of wrong) {
      expect(() => open(one.join('.'), KEY), one.join('.')).to.throw(SealError, 'damaged')
    }
  })

  it('rejects a record that was moved to another key, even with the header of that key', () => {
    expect(() => open(SEALED, 'tokens:another')).to.throw(SealError, 'sealed under another key')
    const [, ...rest] = SEALED.split('.')
    const [header] = close('text', 'tokens:another').split('.')
    expect(() => open([header, ...rest].join('.'), 'tokens:another')).to.throw(SealError, 'damaged')
  })

  it('throws without a secret', () => {
    expect(() => sealWith([] as never)).to.throw(TypeError, 'sealWith needs a secret')
  })
})

describe('noSeal', () => {
  it('never writes the same text twice, and reads each', async () => {
    const [one, two] = [await noSeal.close('{"a":1}', KEY), await noSeal.close('{"a":1}', KEY)]
    expect(one).to.not.equal(two)
    expect([await noSeal.open(one, KEY), await noSeal.open(two, KEY)]).to.deep.equal([
      '{"a":1}',
      '{"a":1}',
    ])
  })

  it('rejects a sealed record with a message that names tokenStore.secret', () => {
    expect(() => noSeal.open(SEALED, KEY)).to.throw(SealError, 'set tokenStore.secret')
  })
})
