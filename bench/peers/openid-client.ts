import * as client from 'openid-client'
import { Strategy } from 'openid-client/passport'
import { must, newSession, requestOf, runStrategy, stateIn } from '../support/run-strategy.js'
import { CLIENT_ID, CODE } from './clients.js'

export function openidClient(origin: string): () => Promise<unknown> {
  const server = {
    issuer: origin,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    userinfo_endpoint: `${origin}/oauth/userinfo`,
  }
  const config = new client.Configuration(server, CLIENT_ID, 'secret')
  client.allowInsecureRequests(config)
  const strategy = new Strategy(
    { config, callbackURL: 'https://shop.example.com/callback', scope: 'openid' },
    async (tokens, done) => {
      const info = await client.fetchUserInfo(config, tokens.access_token, 'user-1')
      done(null, { id: info.sub })
    },
  )
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
