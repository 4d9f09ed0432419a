/** One kind of work that is compared with others. */
export interface Contender {
  name: string
  /** How many calls to the upstream it makes. */
  calls: number
  /** Returns what does it once. Loads only what it needs: each contender has a process of its own. */
  start: (origin: string) => Promise<() => Promise<unknown>>
}

export const bare: Contender = {
  name: 'bare kept-alive http.request',
  calls: 1,
  start: async (origin) => (await import('./clients.js')).bare(origin),
}

const axiosFields: Contender = {
  name: 'calls with their fields in an axios config',
  calls: 1,
  start: async (origin) => (await import('./clients.js')).axiosFields(origin),
}

export const axiosDefault: Contender = {
  name: 'axios with its defaults',
  calls: 1,
  start: async (origin) => (await import('./clients.js')).axiosDefault(origin),
}

export const ourCalls: Contender = {
  name: 'the calls of our login',
  calls: 3,
  start: async (origin) => (await import('./ours.js')).callsBy(origin),
}

export const nothingButCalls: Contender = {
  name: 'a strategy that only makes the 3 calls',
  calls: 3,
  start: async (origin) => (await import('./ours.js')).nothingButCalls(origin),
}

export const ourLogin: Contender = {
  name: 'our login of 3 calls',
  calls: 3,
  start: async (origin) => {
    const { loginBy, strategyAt } = await import('./ours.js')
    return loginBy(strategyAt(origin))
  },
}

export const openidClient: Contender = {
  name: "openid-client's strategy, a login of 2 calls",
  calls: 2,
  start: async (origin) => (await import('./openid-client.js')).openidClient(origin),
}

export const passportOAuth2: Contender = {
  name: 'passport-oauth2, a login of 2 calls',
  calls: 2,
  start: async (origin) => (await import('./passport-oauth2.js')).passportOAuth2(origin),
}

/** In the order of the table; the first is what the others are compared with. */
export const CONTENDERS: readonly [Contender, ...Contender[]] = [
  bare,
  ourCalls,
  nothingButCalls,
  axiosFields,
  ourLogin,
  axiosDefault,
  openidClient,
  passportOAuth2,
]
