import { OneAccessError } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import { publish } from '../tokens/events.js'
import { callContextOf, type TokenRecord } from '../tokens/record.js'

/**
 * Ends the session at OneAccess (docs/wire.md#signature). Best effort: the user does not wait for it, and is
 * logged out of the app in any case. The result is published as an event.
 */
export class UpstreamLogout {
  readonly #client: OneAccessClient
  readonly #underWay = new Set<Promise<void>>()

  constructor(client: OneAccessClient) {
    this.#client = client
  }

  logOut(login: string, record: TokenRecord): void {
    const call = this.#client
      .logout(record.sessionToken, callContextOf(record))
      .then(
        () => publish.logout({ login, outcome: 'done' }),
        (error: unknown) => {
          const code = error instanceof OneAccessError ? error.code : 'unknown'
          publish.logout({ login, outcome: 'failed', code })
        },
      )
      .finally(() => this.#underWay.delete(call))
    this.#underWay.add(call)
  }

  async drain(): Promise<void> {
    await Promise.all(this.#underWay)
  }
}
