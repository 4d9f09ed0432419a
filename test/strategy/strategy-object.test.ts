import { expect } from 'chai'
import passport from 'passport'
import { Browser } from '../support/browser.js'
import { deferred } from '../support/deferred.js'
import { goToAlipay, openShop, type Shop } from '../support/shop.js'

const person = (id: string) => ({ id, userName: id, name: id, outcome: 'SUCCESS' })

describe('passport.authenticate() with the strategy object instead of its name', () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop({
      simulator: { people: [person('li'), person('wang')] },
      behind: (req, res, next) => {
        if (req.path !== '/object') {
          next()
          return
        }
        const authenticate = new passport.Passport().authenticate(
          shop.strategy,
          (error: unknown, user?: unknown, info?: { code?: string }) => {
            res.json({ who: req.get('x-who'), error: Boolean(error), user, code: info?.code })
          },
        )
        authenticate(req, res, next)
      },
    })
  })
  afterEach(() => shop.close())

  const answerTo = async (who: string, url: string, browser = new Browser()) =>
    (await browser.get(url.replace('/callback?', '/object?'), { 'x-who': who })).json()

  it('fails for an invented code while another user logs in, and logs in that user', async () => {
    const [victim, attacker] = [new Browser(), new Browser()]
    const callback = await goToAlipay(shop, victim)
    const invented = (await goToAlipay(shop, attacker)).replace(/auth_code=\w+/, 'auth_code=madeup')
    const held = deferred()
    shop.simulator.fault('verify', { hold: held.promise })
    const verifying = shop.simulator.nextCall('verify')
    const victims = answerTo('victim', callback, victim)
    await verifying
    const attackers = await answerTo('attacker', invented, attacker)
    held.resolve()
    expect(attackers).to.deep.equal({
      who: 'attacker',
      error: false,
      user: false,
      code: 'code_refused',
    })
    expect(await victims).to.deep.include({
      who: 'victim',
      user: { id: shop.simulator.people[0]?.id },
    })
  })

  it('logs in each of two concurrent users as themselves, though the first takes longer', async () => {
    const [first, second] = shop.simulator.people
    const [one, two] = [new Browser(), new Browser()]
    const callbacks = [
      await goToAlipay(shop, one, first),
      await goToAlipay(shop, two, second),
    ] as const
    const held = deferred()
    shop.simulator.fault('login', { hold: held.promise })
    const asked = shop.simulator.nextCall('login')
    const slow = answerTo('one', callbacks[0], one)
    await asked
    const fast = answerTo('two', callbacks[1], two)
    const twos = await fast
    held.resolve()
    const ones = await slow
    expect(ones).to.deep.include({ who: 'one', user: { id: first?.id } })
    expect(twos).to.deep.include({ who: 'two', user: { id: second?.id } })
  })

  it('fails each of two concurrent requests with its own code', async () => {
    const browser = new Browser()
    const callback = new URL(await goToAlipay(shop, browser))
    callback.searchParams.delete('auth_code')
    const [failed, unknown] = await Promise.all([
      answerTo('failed', callback.href, browser),
      answerTo('unknown', `${shop.url}/callback?auth_code=a&state=b`, new Browser()),
    ])
    expect(failed).to.include({ who: 'failed', code: 'code_missing' })
    expect(unknown).to.include({ who: 'unknown', code: 'state_unknown' })
  })
})
