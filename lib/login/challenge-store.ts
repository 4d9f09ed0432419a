import type { ChallengeAction, Contact } from '../oneaccess/challenge-calls.js'
import type { CallContext } from '../oneaccess/requests.js'
import { updateText } from '../tokens/compare-and-set.js'
import type { TokenRepository } from '../tokens/repository.js'
import { isObject, parseJson } from '../util/json.js'

/** A login that OneAccess has challenged, as stored on the server. */
export interface OpenChallenge {
  status: string
  flows: string[]
  /** Authorizes the rest of the login; never leaves the server. */
  stateToken: string
  /** The device values of the login's first call, which all later calls repeat. */
  context: CallContext
  /** The app's own value, from `authenticate(name, { state })`. */
  appState?: unknown
  /** When it was opened, in milliseconds since the epoch. */
  at: number
  /** How many codes have been tried. */
  tries: number
  /** The contact that a puzzle was last solved for. */
  contact?: Contact
  /** Where a code was last sent, and for which action. */
  sent?: { contact: Contact; action: ChallengeAction }
}

/** How long a challenge stays open, in milliseconds. */
export const CHALLENGE_LIFE = 600_000
/** How many codes may be tried. */
export const MOST_TRIES = 5

/**
 * Stores each challenge in its own record, whose random id one browser session holds. Each try is counted
 * with compare-and-set before it is made, so that a burst of requests gets no extra tries.
 */
export class ChallengeStore {
  readonly #records: TokenRepository

  constructor(records: TokenRepository) {
    this.#records = records
  }

  /** Stores a challenge under a new id. */
  async open(id: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(id, () => challenge)
  }

  /** Undefined for a challenge of another tenant, whose administrator decides who its users are. */
  async find(id: string, tenantID?: string): Promise<OpenChallenge | undefined> {
    const found = challengeIn((await this.#records.readText(challengeKey(id)))?.text)
    return found?.context.tenantID === tenantID ? found : undefined
  }

  /** Records the contact that a puzzle was solved for, or that a code was sent to. */
  async note(
    id: string,
    challenge: OpenChallenge,
    what: Pick<OpenChallenge, 'contact' | 'sent'>,
  ): Promise<void> {
    await this.#change(id, (found) =>
      isSame(found, challenge) ? { ...found, ...what } : undefined,
    )
  }

  /** Counts a try; undefined if no challenge is open or no try is left. */
  async countTry(id: string): Promise<OpenChallenge | undefined> {
    return this.#change(id, (found) =>
      found && found.tries < MOST_TRIES ? { ...found, tries: found.tries + 1 } : undefined,
    )
  }

  /** Takes back a try that OneAccess did not judge. */
  async giveBack(id: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(id, (found) =>
      isSame(found, challenge) ? { ...found, tries: found.tries - 1 } : undefined,
    )
  }

  async close(id: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(id, (found) =>
      isSame(found, challenge) ? { ...found, at: 0, stateToken: '' } : undefined,
    )
  }

  async #change(
    id: string,
    change: (found: OpenChallenge | undefined) => OpenChallenge | undefined,
  ): Promise<OpenChallenge | undefined> {
    let next: OpenChallenge | undefined
    await updateText(this.#records, { key: challengeKey(id), life: CHALLENGE_LIFE }, (text) => {
      next = change(challengeIn(text))
      return next && JSON.stringify(next)
    })
    return next
  }
}

/** Whether this is still the same challenge, which may have ended in the meantime. */
function isSame(found: OpenChallenge | undefined, meant: OpenChallenge): found is OpenChallenge {
  return found?.stateToken === meant.stateToken
}

function challengeKey(id: string): string {
  return `challenge:${id}`
}

function challengeIn(text: string | undefined): OpenChallenge | undefined {
  try {
    const found = parseJson(text ?? '')
    if (!isObject(found) || typeof found.at !== 'number' || !isObject(found.context))
      return undefined
    if (Date.now() - found.at > CHALLENGE_LIFE) return undefined
    return found as unknown as OpenChallenge
  } catch {
    return undefined
  }
}
