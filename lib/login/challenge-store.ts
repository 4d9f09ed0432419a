import type { Action, Contact } from '../oneaccess/challenge-calls.js'
import type { CallContext } from '../oneaccess/requests.js'
import { updateText } from '../tokens/compare-and-set.js'
import type { TokenRepository } from '../tokens/repository.js'
import { isObject, parseJson } from '../util/json.js'

/** A login that OneAccess wants more for, as it is kept on the server. */
export interface OpenChallenge {
  status: string
  flows: string[]
  /** Opens the rest of the login; never leaves the server. */
  stateToken: string
  /** The device values of the login's first call, for all that follow. */
  context: CallContext
  /** The app's own value of the login. */
  state?: unknown
  at: number
  /** How often a code was tried. */
  tries: number
  /** For whom a puzzle was solved last. */
  contact?: Contact
  /** To whom a code was sent last, and what for. */
  sent?: { contact: Contact; action: Action }
}

/** Milliseconds that a person has for it. */
export const CHALLENGE_LIFE = 600_000
/** So many codes may be tried. */
export const MOST_TRIES = 5

/**
 * Challenges, each in a record of its own, whose random name one browser session has. Each try is counted
 * by compare-and-set before it is made, so that no burst gets more of them.
 */
export class ChallengeStore {
  readonly #records: TokenRepository

  constructor(records: TokenRepository) {
    this.#records = records
  }

  /** Keeps a challenge under a new name. */
  async open(id: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(id, () => challenge)
  }

  /** One of another tenant is none: that tenant's administrator says who its people are. */
  async find(id: string, tenantID?: string): Promise<OpenChallenge | undefined> {
    const found = challengeIn((await this.#records.readText(challengeKey(id)))?.text)
    return found?.context.tenantID === tenantID ? found : undefined
  }

  /** Notes for whom a puzzle was solved, or to whom a code was sent. */
  async note(
    id: string,
    challenge: OpenChallenge,
    what: Pick<OpenChallenge, 'contact' | 'sent'>,
  ): Promise<void> {
    await this.#change(id, (found) =>
      isSame(found, challenge) ? { ...found, ...what } : undefined,
    )
  }

  /** Counts a try; undefined when no challenge is open, or every try is used up. */
  async countTry(id: string): Promise<OpenChallenge | undefined> {
    return this.#change(id, (found) =>
      found && found.tries < MOST_TRIES ? { ...found, tries: found.tries + 1 } : undefined,
    )
  }

  /** Gives a try back that never reached OneAccess's judgement. */
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

/** Whether it is still the one that was found: it may have ended since. */
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
