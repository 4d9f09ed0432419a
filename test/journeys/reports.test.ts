import { expect } from 'chai'
import sinon from 'sinon'
import { createReports } from '../../example/shop/reports.js'
import { OneAccessError } from '../../lib/index.js'

describe('createReports, the error log of the example', () => {
  let clock: sinon.SinonFakeTimers
  let lines: string[]
  let reports: ReturnType<typeof createReports>
  beforeEach(() => {
    clock = sinon.useFakeTimers()
    lines = []
    reports = createReports((line) => lines.push(line))
  })
  afterEach(() => {
    clock.restore()
  })

  it('writes an error once a minute, with a count of its repeats', () => {
    for (const error of [new Error('one'), new Error('two'), new Error('one'), 'three']) {
      reports.report(error)
    }
    expect(lines).to.deep.equal(['one', 'two', 'three'])
    clock.tick(60_000)
    expect(lines.slice(3)).to.deep.equal(['1 more within a minute: one'])
  })

  it('counts OneAccessErrors with the same code and step as one, whatever their detail', () => {
    for (let n = 0; n < 3; n++) {
      const details = { step: 'refresh', status: 503, hint: '', detail: `request ${n}` } as const
      reports.report(new OneAccessError('upstream_failed', details))
    }
    expect(lines).to.have.length(1)
  })

  it('limits the number of lines for many different messages, and forgets the messages', () => {
    for (let n = 0; n < 1_000; n++) reports.report(new Error(`request ${n}`))
    expect(lines).to.have.length.below(60)
    clock.tick(120_000)
    expect(lines).to.have.length.below(60)
    reports.report(new Error('new'))
    expect(lines.at(-1)).to.equal('new')
    clock.tick(120_000)
    expect(clock.countTimers(), 'no timer stays').to.equal(0)
  })

  it('writes pending counts on flush()', () => {
    for (let n = 0; n < 3; n++) reports.report(new Error('one'))
    reports.flush()
    expect(lines.at(-1)).to.equal('2 more within a minute: one')
  })
})
