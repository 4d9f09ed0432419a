import { expect } from 'chai'
import { decodeRecord, encodeRecord, unknownFieldsOf } from '../../lib/tokens/record-format.js'

const FULL = {
  sessionToken: 's',
  sessionExpiresAt: 1,
  idToken: 'i',
  expiresAt: 2,
  refreshAt: 3,
  refreshedAt: 4,
  generation: 5,
  tenantID: 't',
  userID: 'u',
  device: { osVersion: 'a', fingerprint: 'b', ip: 'c', agent: 'd' },
  presented: { by: 'p', refusedAt: 6 },
  setback: { count: 1, since: 7, notBefore: 8, code: 'busy' },
  ended: { reason: 'logout', at: 9 },
} as const

const OPTIONAL = [
  'sessionExpiresAt',
  'idToken',
  'expiresAt',
  'refreshAt',
  'generation',
  'tenantID',
  'userID',
  'presented',
  'presented.refusedAt',
  'setback',
  'setback.since',
  'ended',
]

/** Every field of a record, by its path, with its value. */
function* fieldsOf(record: object, above = ''): Generator<[path: string, value: unknown]> {
  for (const [name, value] of Object.entries(record)) {
    yield [above + name, value]
    if (typeof value === 'object') yield* fieldsOf(value, `${above}${name}.`)
  }
}

/** The JSON of a record in which one field has another value. */
function textWith(path: string, value: unknown): string {
  const record = JSON.parse(encodeRecord(FULL))
  const names = path.split('.')
  const last = names.pop() as string
  const holder = names.reduce((part, name) => part[name], record)
  holder[last] = value
  return JSON.stringify(record)
}

describe('decodeRecord', () => {
  it('returns what encodeRecord wrote', () => {
    expect(decodeRecord(encodeRecord(FULL))).to.deep.equal(FULL)
    expect(unknownFieldsOf(FULL)).to.deep.equal({})
  })

  for (const [path, value] of fieldsOf(FULL)) {
    it(`rejects a wrong type of ${path} as damaged`, () => {
      for (const wrong of [typeof value === 'string' ? 7 : 'text', true, null, [], {}]) {
        expect(decodeRecord(textWith(path, wrong)), String(wrong)).to.equal('damaged')
      }
    })

    it(`${OPTIONAL.includes(path) ? 'accepts' : 'rejects'} a record without ${path}`, () => {
      const read = decodeRecord(textWith(path, undefined))
      expect(read === 'damaged').to.equal(!OPTIONAL.includes(path))
    })
  }

  it('reads format 1, and a newer format only if readableFrom says that it can', () => {
    for (const [format, read] of [
      [0, 'damaged'],
      ['1', 'damaged'],
      [undefined, 'damaged'],
      [2, 'newer'],
    ]) {
      expect(decodeRecord(textWith('format', format)), String(format)).to.equal(read)
    }
    const later = { ...JSON.parse(encodeRecord(FULL)), format: 2, region: 'x' }
    expect(decodeRecord(JSON.stringify({ ...later, readableFrom: 1 }))).to.deep.include(FULL)
    expect(decodeRecord(JSON.stringify({ ...later, readableFrom: '1' }))).to.equal('newer')
    const read = decodeRecord(JSON.stringify({ ...later, readableFrom: 1 })) as typeof FULL
    expect(unknownFieldsOf(read)).to.deep.equal({ format: 2, readableFrom: 1, region: 'x' })
  })
})
