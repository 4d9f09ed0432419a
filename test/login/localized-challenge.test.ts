import { expect } from 'chai'
import { Localizer } from '../../lib/localize.js'
import { Challenge } from '../../lib/login/challenge.js'
import { localizedChallenge } from '../../lib/login/localized-challenge.js'

describe('localizedChallenge', () => {
  const open = { status: 'SOCIAL_BIND', flows: ['VERIFY_PHONE'] }
  const bare = new Challenge(null as never, null as never, 'c1', open as never, 7)
  const request = { headers: { 'accept-language': 'zh' } }
  const challenge = localizedChallenge(bare, new Localizer().for(request as never))

  it('behaves like a Challenge as a string, as JSON and for instanceof', () => {
    expect(`${challenge}`).to.equal('[object Object]')
    expect(JSON.parse(JSON.stringify(challenge))).to.deep.equal({ ...open, expiresAt: 7 })
    expect(Object.hasOwn(challenge, 'nope')).to.equal(false)
    // an app may call inherited methods, which must not return a promise
    expect(Reflect.apply(challenge.hasOwnProperty, challenge, ['nope'])).to.equal(false)
    expect(challenge).to.be.instanceOf(Challenge)
    expect(challenge.constructor).to.equal(Challenge)
  })

  it("rejects with a publicMessage in the user's language", async () => {
    const error = await challenge.solveCaptcha({ token: '', x: 1 }).catch((thrown) => thrown)
    expect(error.publicMessage).to.match(/\p{Script=Han}/u)
  })
})
