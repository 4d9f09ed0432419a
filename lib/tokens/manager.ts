import cluster from 'node:cluster'
import type { Request } from 'express'
import type { Localizer } from '../localize.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import type { Settings } from '../options.js'
import { ExpressSessionTokenStore, type SessionStore } from '../stores/express-session.js'
import type { TokenStore } from '../token-store.js'
import { warnOnce } from '../util/warnings.js'
import { Activity } from './activity.js'
import { Refresher } from './refresh.js'
import { TokenRepository } from './repository.js'
import { noSeal, type Seal, sealWith } from './seal.js'

/** The records of one store, and what refreshes them. */
export interface TokenManager {
  records: TokenRepository
  refresher: Refresher
  activity: Activity
  /** Milliseconds that a request waits for a token. */
  wait: number
  /** Localizes messages for users. */
  messages: Localizer
  /** Checks an id_token, and resolves with whether the option `idToken` is set; rejects if it is invalid. */
  check(idToken: string): Promise<boolean>
}

/** One manager for each store: the configured one, or the session store that a request comes with. */
export class TokenManagers {
  readonly messages: Localizer
  readonly #settings: Settings
  readonly #client: OneAccessClient
  readonly #seal: Seal
  readonly #all = new Set<TokenManager>()
  readonly #configured: TokenManager | undefined
  readonly #bySessionStore = new WeakMap<SessionStore, TokenManager>()

  constructor(settings: Settings, client: OneAccessClient) {
    this.#settings = settings
    this.messages = settings.messages
    this.#client = client
    const { store, secret } = settings.tokenStore
    const [first, ...others] = [secret ?? []].flat()
    this.#seal = first === undefined ? noSeal : sealWith([first, ...others])
    this.#configured = store && this.#make(store)
  }

  /** Whether the app has configured a store, so that no session is needed to find one. */
  get isConfigured(): boolean {
    return this.#configured !== undefined
  }

  /** The manager for a request, which must have a session unless a store is configured. */
  for(req: Request): TokenManager {
    if (this.#configured) return this.#configured
    const known = this.#bySessionStore.get(req.sessionStore)
    if (known) return known
    if (cluster.isWorker) {
      const message =
        'the default token store supports one process, and this is a cluster worker: ' +
        'set the option tokenStore to a RedisTokenStore'
      warnOnce(this, 'ONEACCESS_CLUSTER_STORE', message)
    }
    const made = this.#make(new ExpressSessionTokenStore(req.sessionStore))
    this.#bySessionStore.set(req.sessionStore, made)
    return made
  }

  async drain(): Promise<void> {
    const parts = [...this.#all].flatMap(({ refresher, records }) => [refresher, records.recent])
    await Promise.all(parts.map((part) => part.drain()))
  }

  /** How many refreshes have not been saved yet. */
  get unsaved(): number {
    return [...this.#all].reduce((sum, { records }) => sum + records.held, 0)
  }

  #make(store: TokenStore): TokenManager {
    const { timeouts, refreshBefore, messages } = this.#settings
    const records = new TokenRepository(store, this.#seal, timeouts.store)
    const refresher = new Refresher(records, this.#client, timeouts, refreshBefore)
    const check = (idToken: string) => this.#client.checkIDToken(idToken)
    const activity = new Activity(records)
    const manager = { activity, records, refresher, wait: timeouts.wait, messages, check }
    this.#all.add(manager)
    return manager
  }
}
