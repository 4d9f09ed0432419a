import { isObject, parseJson } from '../json.js'
import type { Action, Contact } from '../oneaccess/client.js'
import type { CallContext } from '../oneaccess/requests.js'
import { storeFailed, type TokenRepository } from '../tokens/repository.js'

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
  /** To whom a code was sent last, and what for. */
  sent?: { contact: Contact; action: Action }
}

/** Milliseconds that a person has for it. */
export const CHALLENGE_LIFE = 600_000
/** So many codes may be tried. */
export const MOST_TRIES = 5

/**
 * The challenge of a browser session, in a record of its own like the attempts: at most one is open,
 * and each try is counted by compare-and-set before it is made, so that no burst gets more of them.
 */
export class ChallengeStore {
  readonly #records: TokenRepository

  constructor(records: TokenRepository) {
    this.#records = records
  }

  /** Opens a challenge, in place of the one that is open. */
  async open(session: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(session, () => challenge)
  }

  async find(session: string): Promise<OpenChallenge | undefined> {
    return (await this.#read(session)).challenge
  }

  /** Notes to whom a code was sent. */
  async noteSent(
    session: string,
    challenge: OpenChallenge,
    sent: OpenChallenge['sent'] & object,
  ): Promise<void> {
    await this.#change(session, (found) =>
      isSame(found, challenge) ? { ...found, sent } : undefined,
    )
  }

  /** Counts a try; undefined when no challenge is open, or every try is used up. */
  async countTry(session: string): Promise<OpenChallenge | undefined> {
    return this.#change(session, (found) =>
      found && found.tries < MOST_TRIES ? { ...found, tries: found.tries + 1 } : undefined,
    )
  }

  /** Gives a try back that never reached OneAccess's judgement. */
  async giveBack(session: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(session, (found) =>
      isSame(found, challenge) ? { ...found, tries: found.tries - 1 } : undefined,
    )
  }

  async close(session: string, challenge: OpenChallenge): Promise<void> {
    await this.#change(session, (found) =>
      isSame(found, challenge) ? { ...found, at: 0, stateToken: '' } : undefined,
    )
  }

  async #read(session: string): Promise<{ version: number; challenge: OpenChallenge | undefined }> {
    const stored = await this.#records.readText(challengeKey(session))
    return { version: stored?.version ?? 0, challenge: challengeIn(stored?.text) }
  }

  async #change(
    session: string,
    change: (found: OpenChallenge | undefined) => OpenChallenge | undefined,
  ): Promise<OpenChallenge | undefined> {
    for (let tries = 0; tries < 50; tries++) {
      const { version, challenge } = await this.#read(session)
      const next = change(challenge)
      if (next === undefined) return undefined
      const text = JSON.stringify(next)
      const key = challengeKey(session)
      if (await this.#records.replaceText(key, version, text, CHALLENGE_LIFE)) return next
    }
    throw storeFailed('the challenge changed too often')
  }
}

/** Whether this is the one that is meant: another tab may have opened a challenge in its place. */
function isSame(found: OpenChallenge | undefined, meant: OpenChallenge): found is OpenChallenge {
  return found?.stateToken === meant.stateToken
}

function challengeKey(session: string): string {
  return `challenge:${session}`
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
