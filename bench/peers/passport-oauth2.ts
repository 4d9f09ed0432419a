import OAuth2Strategy from 'passport-oauth2'
import { must, newSession, requestOf, runStrategy, stateIn } from '../support/run-strategy.js'
import { CLIENT_ID, CODE } from './clients.js'

/** With a state in the session, and a profile fetched as the strategies built upon it do. */
class Strategy extends OAuth2Strategy {
  userInfo = ''

  override userProfile(accessToken: string, done: (error?: unknown, profile?: unknown) => void) {
    this._oauth2.get(this.userInfo, accessToken, (error, body) => {
      if (error) done(error)
      else done(null, JSON.parse(String(body)))
    })
  }
}

export function passportOAuth2(origin: string): () => Promise<unknown> {
  const strategy = new Strategy(
    {
      authorizationURL: `${origin}/oauth/authorize`,
      tokenURL: `${origin}/oauth/token`,
      clientID: CLIENT_ID,
      clientSecret: 'secret',
      callbackURL: 'https://shop.example.com/callback',
      state: true,
    },
    (
      _access: string,
      _refresh: string,
      profile: { id: string },
      done: OAuth2Strategy.VerifyCallback,
    ) => done(null, { id: profile.id }),
  )
  strategy.userInfo = `${origin}/oauth/userinfo`
  return async () => {
    const browser = newSession()
    const begun = must(await runStrategy(strategy, requestOf('/login', {}, browser)), 'redirect')
    const state = stateIn(begun)
    must(
      await runStrategy(strategy, requestOf('/callback', { code: CODE, state }, browser)),
      'success',
    )
  }
}
