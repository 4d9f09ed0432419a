import type { Request } from 'express'
import { OneAccessError, type OneAccessErrorCode } from '../errors.js'
import { isJSON } from '../incoming-request.js'
import type { Contact } from '../oneaccess/challenge-calls.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import type { IncompleteLogin, LoginResponse } from '../oneaccess/responses.js'
import type { Settings } from '../options.js'
import { leftRecordIn } from '../session/current-login.js'
import { regenerateForChallenge } from '../session/regenerate-for-challenge.js'
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

/** Opens challenges, gives the app access to them, and checks the code that completes them. */
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
   * Stores a challenge: under an id that `enter` puts into the session; without a session, under a handle
   * that the client gets; or not at all, if nothing could find it again.
   */
  async open(
    req: Request,
    answer: IncompleteLogin & { stateToken: string },
    { context, appState, linking }: StartedLogin,
    failure: Failure,
  ): Promise<Failure> {
    const { status, flows, stateToken } = answer
    // a challenge ends in a login, but linking an account must not change who is logged in
    if (linking) return withoutChallenge(failure)
    const open = { status, flows, stateToken, context, appState, at: Date.now(), tries: 0 }
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

  /** Puts an opened challenge into a regenerated session, for each delivery of the same callback. */
  async enter(req: Request, { opened }: Failure): Promise<void> {
    if (opened === undefined) return
    const managers = this.#managers
    await regenerateForChallenge(req, { key: this.#key, challenge: opened, managers })
  }

  /** The open challenge of this session or handle, for the app to show to the user. */
  async of(req: Request): Promise<Challenge | undefined> {
    const localized = this.#managers.messages.for(req)
    try {
      const challenge = await this.#find(req)
      return challenge && localizedChallenge(challenge, localized)
    } catch (error) {
      throw localized.error(error)
    }
  }

  async #find(req: Request): Promise<Challenge | undefined> {
    const id = this.#named(req)
    if (id === undefined) return undefined
    const challenges = this.#store(req)
    const open = await challenges.find(id, this.#tenantOf(req))
    if (open === undefined || open.tries >= MOST_TRIES) return undefined
    return new Challenge(this.#client, challenges, id, open, open.at + CHALLENGE_LIFE)
  }

  /** Tries the code. A form that the browser sends twice counts as one try. */
  async finish(req: Request, form: CompletionForm, proceed: Proceed): Promise<Outcome> {
    const id = this.#named(req)
    if (id === undefined) return fail('challenge_missing')
    const guesses = new GuessLimit(this.#managers.for(req).records, this.#secret())
    const challenges = this.#store(req)
    const at = { id, tenantID: this.#tenantOf(req), challenges, guesses }
    // browsers do not repeat a request with a handle, which completes one login only
    if (this.#handleIn(req)) return this.#try(at, form, proceed)
    const left = leftRecordIn(req, this.#key)
    const delivery = deliveryOf(id, form.verifyCode, sessionNamesOf(req, this.#key), left)
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
      await ignoringErrors(guesses.giveBack(guess))
      return fail('challenge_over')
    }
    const { status, sent, stateToken, context } = open
    const action = sent?.action ?? defaultActionFor(status)
    const completion = { action, contact, stateToken, verifyCode: form.verifyCode }
    const answer = await this.#client
      .complete(completion, context)
      .catch((error: unknown) => this.#refused(at, error, open, guess))
    if ('verb' in answer) return answer
    // OneAccess has accepted the code: a store that cannot record it must not fail the login
    const written = [challenges.close(id, open), guesses.giveBack(guess)].map(ignoringErrors)
    const [outcome] = await Promise.all([proceed(answer, open), ...written])
    return outcome
  }

  /** Where the code was sent. For a second factor, OneAccess chooses it, never the form. */
  async #contactOf(found: OpenChallenge, form: CompletionForm): Promise<Contact | undefined> {
    const { status, sent, stateToken, context } = found
    if (status !== 'MFA_AUTH') return form.contact ?? sent?.contact
    return sent?.contact ?? { mobile: await this.#client.mobileByToken(stateToken, context) }
  }

  /** A wrong code leaves the challenge open. A code that OneAccess did not judge costs no try. */
  async #refused(at: Place, error: unknown, open: OpenChallenge, guess: Guess): Promise<Failure> {
    if (codeOf(error) === 'refused') {
      const triesLeft = MOST_TRIES - open.tries
      return triesLeft > 0 ? fail('verify_code_wrong', { triesLeft }) : fail('challenge_over')
    }
    await ignoringErrors(at.guesses.giveBack(guess))
    const outcome = await this.#closed(at, error, open).catch(() => undefined)
    if (outcome) return outcome
    await ignoringErrors(at.challenges.giveBack(at.id, open))
    throw error
  }

  /** If OneAccess no longer accepts the state token, the challenge has ended; other errors are thrown again. */
  async #closed({ id, challenges }: Place, error: unknown, open: OpenChallenge): Promise<Failure> {
    if (codeOf(error) !== 'state_token_refused') throw error
    await ignoringErrors(challenges.close(id, open))
    return fail('challenge_missing')
  }

  /** The id of the challenge's record, from a handle or else from the session. */
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

/** What a try of a code works with. */
interface Place {
  /** The id of the challenge's record. */
  id: string
  /** The tenant of the request. */
  tenantID: string | undefined
  challenges: ChallengeStore
  guesses: GuessLimit
}

function codeOf(error: unknown): OneAccessErrorCode | undefined {
  return error instanceof OneAccessError ? error.code : undefined
}

/** For bookkeeping after a response from OneAccess: an error of the store must not hide the response. */
function ignoringErrors(written: Promise<void>): Promise<void> {
  return written.catch(() => {})
}

/** The same failure, without a challenge to continue with. */
function withoutChallenge(failure: Failure): Failure {
  const { challenge: _, ...info } = failure.info
  return { ...failure, info }
}
