import type { Request } from 'express'
import { OneAccessError, type OneAccessErrorCode } from '../errors.js'
import { isJSON } from '../incoming-request.js'
import type { Contact } from '../oneaccess/challenge-calls.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import type { IncompleteLogin, LoginResponse } from '../oneaccess/responses.js'
import type { Settings } from '../options.js'
import { regenerateForChallenge } from '../session/regenerate-session.js'
import {
  hasSession,
  readEntry,
  requireSession,
  sessionKeyOf,
  sessionNamesOf,
} from '../session/session-entry.js'
import type { TokenManagers } from '../tokens/manager.js'
import { randomHex } from '../util/digest.js'
import { Challenge, defaultActionFor } from './challenge.js'
import { handleIn, recordOfHandle } from './challenge-handle.js'
import {
  CHALLENGE_LIFE,
  ChallengeStore,
  MOST_TRIES,
  type OpenChallenge,
} from './challenge-store.js'
import type { CompletionForm } from './contact.js'
import { tenantOf } from './device.js'
import { type Guess, GuessLimit } from './guess-limit.js'
import { localizedChallenge } from './localized-challenge.js'
import { type Failure, fail, type Outcome } from './outcome.js'
import { deliveryOf, RequestDeduplicator } from './request-deduplicator.js'
import type { StartedLogin } from './started-login.js'

/** Opens challenges for a browser's session, hands them to the app, and takes the code that ends them. */
export class Challenges {
  readonly #client: OneAccessClient
  readonly #managers: TokenManagers
  readonly #key: string
  readonly #secret: () => string
  readonly #tenantOf: (req: Request) => string | undefined
  readonly #deduplicator = new RequestDeduplicator('challenge_missing')

  constructor(client: OneAccessClient, managers: TokenManagers, settings: Settings) {
    this.#client = client
    this.#managers = managers
    this.#key = sessionKeyOf(settings)
    this.#secret = () => settings.credential.clientSecret
    this.#tenantOf = (req) => tenantOf(req, settings)
  }

  /**
   * Keeps what OneAccess wants more: under a name that `enter` puts into a session; for who has none,
   * under a handle that they are given; or not at all, where nothing could find it again.
   */
  async open(
    req: Request,
    answer: IncompleteLogin & { stateToken: string },
    { context, state, linking }: StartedLogin,
    failure: Failure,
  ): Promise<Failure> {
    const { status, flows, stateToken } = answer
    // it would end in a login, and whoever links an account must stay who they are
    if (linking) return withoutChallenge(failure)
    const open = { status, flows, stateToken, context, state, at: Date.now(), tries: 0 }
    if (hasSession(req)) {
      const opened = randomHex()
      await this.#store(req).open(opened, open)
      return { ...failure, opened }
    }
    if (!this.#managers.isConfigured) return withoutChallenge(failure)
    const handle = randomHex()
    await this.#store(req).open(recordOfHandle(handle, this.#key), open)
    return { ...failure, info: { ...failure.info, challenge: { status, flows, handle } } }
  }

  /** What was opened goes into a fresh session, for each delivery of the same callback. */
  async enter(req: Request, { opened }: Failure): Promise<void> {
    if (opened === undefined) return
    const managers = this.#managers
    await regenerateForChallenge(req, { key: this.#key, challenge: opened, managers })
  }

  /** What the app shows the person. */
  async of(req: Request): Promise<Challenge | undefined> {
    const id = this.#named(req)
    if (id === undefined) return undefined
    const localized = this.#managers.messages.for(req)
    const challenges = this.#store(req)
    const open = await challenges.find(id, this.#tenantOf(req))
    if (open === undefined || open.tries >= MOST_TRIES) return undefined
    const expiresAt = open.at + CHALLENGE_LIFE
    const challenge = new Challenge(this.#client, challenges, id, open, expiresAt)
    return localizedChallenge(challenge, localized)
  }

  /** Tries the code; a form that is sent twice is tried once. */
  async finish(req: Request, form: CompletionForm, proceed: Proceed): Promise<Outcome> {
    const id = this.#named(req)
    if (id === undefined) return fail('challenge_missing')
    const guesses = new GuessLimit(this.#managers.for(req).records, this.#secret())
    const challenges = this.#store(req)
    const at = { id, tenantID: this.#tenantOf(req), challenges, guesses }
    // no browser sends a handle twice by itself, and it is used once
    if (this.#handleIn(req)) return this.#try(at, form, proceed)
    const delivery = deliveryOf(id, form.verifyCode, sessionNamesOf(req, this.#key))
    return this.#deduplicator.once(delivery, async (remember) => {
      const outcome = await this.#try(at, form, proceed)
      if (outcome.verb === 'success') remember()
      return outcome
    })
  }

  async #try(at: Place, form: CompletionForm, proceed: Proceed): Promise<Outcome> {
    const { id, tenantID, challenges, guesses } = at
    const found = await challenges.find(id, tenantID)
    if (found === undefined) return fail('challenge_missing')
    if (found.tries >= MOST_TRIES) return fail('challenge_over')
    const contact = await this.#contactOf(found, form).catch((error: unknown) =>
      this.#closed(at, error, found),
    )
    if (contact === undefined) return fail('contact_malformed')
    if ('verb' in contact) return contact
    const guess = await guesses.count(contact)
    if ('wait' in guess) return fail('contact_blocked', { retryAfter: guess.wait })
    const open = await challenges.countTry(id)
    if (open === undefined) {
      await quietly(guesses.giveBack(guess))
      return fail('challenge_over')
    }
    const { status, sent, stateToken, context } = open
    const action = sent?.action ?? defaultActionFor(status)
    const completion = { action, contact, stateToken, verifyCode: form.verifyCode }
    const answer = await this.#client
      .complete(completion, context)
      .catch((error: unknown) => this.#refused(at, error, open, guess))
    if ('verb' in answer) return answer
    // OneAccess has taken the code: a store that cannot note it must not lose the login
    const noted = [challenges.close(id, open), guesses.giveBack(guess)].map(quietly)
    const [outcome] = await Promise.all([proceed(answer, open), ...noted])
    return outcome
  }

  /** To whom the code was sent. A second factor is OneAccess's to choose: never what a form says. */
  async #contactOf(found: OpenChallenge, form: CompletionForm): Promise<Contact | undefined> {
    const { status, sent, stateToken, context } = found
    if (status !== 'MFA_AUTH') return form.contact ?? sent?.contact
    return sent?.contact ?? { mobile: await this.#client.mobileByToken(stateToken, context) }
  }

  /** A wrong code leaves the challenge open, and what was not judged costs no try. */
  async #refused(at: Place, error: unknown, open: OpenChallenge, guess: Guess): Promise<Failure> {
    if (codeOf(error) === 'refused') {
      const triesLeft = MOST_TRIES - open.tries
      return triesLeft > 0 ? fail('verify_code_wrong', { triesLeft }) : fail('challenge_over')
    }
    await quietly(at.guesses.giveBack(guess))
    const outcome = await this.#closed(at, error, open).catch(() => undefined)
    if (outcome) return outcome
    await quietly(at.challenges.giveBack(at.id, open))
    throw error
  }

  /** Where OneAccess takes the state token no more, the challenge is over; every other error stays one. */
  async #closed({ id, challenges }: Place, error: unknown, open: OpenChallenge): Promise<Failure> {
    if (codeOf(error) !== 'state_token_refused') throw error
    await quietly(challenges.close(id, open))
    return fail('challenge_missing')
  }

  /** By a handle, or else by the session. */
  #named(req: Request): string | undefined {
    const handle = this.#handleIn(req)
    if (handle !== undefined) return recordOfHandle(handle, this.#key)
    if (isJSON(req) && !hasSession(req) && this.#managers.isConfigured) return undefined
    requireSession(req)
    return readEntry(req, this.#key).challenge
  }

  #handleIn(req: Request): string | undefined {
    return this.#managers.isConfigured ? handleIn(req) : undefined
  }

  #store(req: Request): ChallengeStore {
    return new ChallengeStore(this.#managers.for(req).records)
  }
}

type Proceed = (answer: LoginResponse, open: OpenChallenge) => Promise<Outcome>

/** Where a code is tried. */
interface Place {
  /** The name of the challenge's record. */
  id: string
  /** The tenant of the request that brings it. */
  tenantID: string | undefined
  challenges: ChallengeStore
  guesses: GuessLimit
}

function codeOf(error: unknown): OneAccessErrorCode | undefined {
  return error instanceof OneAccessError ? error.code : undefined
}

/** What the store only notes beside an answer of OneAccess's: that it cannot must not hide the answer. */
function quietly(noted: Promise<void>): Promise<void> {
  return noted.catch(() => {})
}

/** The same failure, with nothing to go on with. */
function withoutChallenge(failure: Failure): Failure {
  const { challenge: _, ...info } = failure.info
  return { ...failure, info }
}
