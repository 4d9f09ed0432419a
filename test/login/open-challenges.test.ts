import { expect } from 'chai'
import { type OpenChallenge, OpenChallenges } from '../../lib/login/open-challenges.js'
import { Records } from '../../lib/session/records.js'
import { noSeal } from '../../lib/session/seal.js'
import { MemoryTokenStore } from '../../lib/session/stores/memory.js'

const device = { osVersion: 'Linux', fingerprint: 'f', ip: '127.0.0.1', agent: 'test' }

function challenge(stateToken: string): OpenChallenge {
  const at = Date.now()
  return { status: 'SOCIAL_BIND', flows: [], stateToken, context: { device }, at, tries: 0 }
}

describe('OpenChallenges, when another tab opens a challenge in place of the one at work', () => {
  const first = challenge('first')
  const second = challenge('second')
  let challenges: OpenChallenges
  beforeEach(async () => {
    challenges = new OpenChallenges(new Records(new MemoryTokenStore(), noSeal, 1_000))
    await challenges.open('session', first)
    await challenges.countTry('session')
    await challenges.open('session', second)
  })

  it('does not close the new one with the old', async () => {
    await challenges.close('session', first)
    expect(await challenges.find('session')).to.deep.equal(second)
    await challenges.close('session', second)
    expect(await challenges.find('session')).to.equal(undefined)
  })

  it('does not send the code of the one to the contact of the other', async () => {
    const sent = { contact: { mobile: '13900001111' }, action: 'bind' } as const
    await challenges.noteSent('session', first, sent)
    expect(await challenges.find('session')).to.deep.equal(second)
  })

  it('gives the new one no try more', async () => {
    await challenges.giveBack('session', first)
    expect(await challenges.find('session')).to.have.property('tries', 0)
  })
})
