import type { Request } from 'express'
import { OneAccessError } from '../errors.js'
import type { OneAccessClient } from '../oneaccess/client.js'
import type { CallContext } from '../oneaccess/requests.js'
import type { IncompleteLogin, LoginResponse } from '../oneaccess/responses.js'
import { beginEntry, needSession, sessionNamesOf } from '../session/session-entry.js'
import type { TokenManagers } from '../tokens/manager.js'
import { Challenge, defaultActionFor } from './challenge.js'
import {
  CHALLENGE_LIFE,
  ChallengeStore,
  MOST_TRIES,
  type OpenChallenge,
} from './challenge-store.js'
import type { CompletionForm } from './contact.js'
import { type Failure, fail, type Outcome } from './outcome.js'
import { deliveryOf, RequestDeduplicator } from './request-deduplicator.js'

/** Opens challenges for a browser's session, hands them to the app, and takes the code that ends them. */
export class Challenges {
  readonly #client: OneAccessClient
  readonly #managers: TokenManagers
  readonly #key: string
  readonly #deduplicator = new RequestDeduplicator('challenge_missing')

  constructor(client: OneAccessClient, managers: TokenManagers, key: string) {
    this.#client = client
    this.#managers = managers
    this.#key = key
  }

  async open(
    req: Request,
    answer: IncompleteLogin & { stateToken: string },
    context: CallContext,
    state: unknown,
  ): Promise<void> {
    const { status, flows, stateToken } = answer
    beginEntry(req, this.#key)
    const challenge = { status, flows, stateToken, context, state, at: Date.now(), tries: 0 }
    await this.#store(req).open(this.#session(req), challenge)
  }

  /** What the app shows the person. */
  async of(req: Request): Promise<Challenge | undefined> {
    needSession(req)
    const challenges = this.#store(req)
    const session = this.#session(req)
    const open = await challenges.find(session)
    if (open === undefined || open.tries >= MOST_TRIES) return undefined
    const expiresAt = open.at + CHALLENGE_LIFE
    return new Challenge(this.#client, challenges, session, open, expiresAt)
  }

  /** Tries the code; a form that is sent twice is tried once. */
  async finish(
    req: Request,
    form: CompletionForm,
    proceed: (answer: LoginResponse, open: OpenChallenge) => Promise<Outcome>,
  ): Promise<Outcome> {
    const challenges = this.#store(req)
    const session = this.#session(req)
    const open = await challenges.find(session)
    const sessions = sessionNamesOf(req, this.#key)
    const delivery = deliveryOf(`${open?.at}`, form.verifyCode, sessions)
    return this.#deduplicator.once(delivery, async (remember) => {
      const outcome = await this.#try(challenges, session, form, proceed)
      if (outcome.verb === 'success') remember()
      return outcome
    })
  }

  async #try(
    challenges: ChallengeStore,
    session: string,
    form: CompletionForm,
    proceed: (answer: LoginResponse, open: OpenChallenge) => Promise<Outcome>,
  ): Promise<Outcome> {
    const found = await challenges.find(session)
    if (found === undefined) return fail('challenge_missing')
    const contact = form.contact ?? found.sent?.contact
    if (contact === undefined) return fail('contact_malformed')
    const open = await challenges.countTry(session)
    if (open === undefined) return fail('challenge_over')
    const { status, sent, stateToken, context } = open
    const action = sent?.action ?? defaultActionFor(status)
    const completion = { action, contact, stateToken, verifyCode: form.verifyCode }
    const answer = await this.#client
      .complete(completion, context)
      .catch((error: unknown) => this.#refused(challenges, session, error, open))
    if ('verb' in answer) return answer
    await challenges.close(session, open)
    return proceed(answer, open)
  }

  /** A wrong code leaves the challenge open, and what was not judged costs no try. */
  async #refused(
    challenges: ChallengeStore,
    session: string,
    error: unknown,
    open: OpenChallenge,
  ): Promise<Failure> {
    const code = error instanceof OneAccessError ? error.code : undefined
    if (code === 'refused') {
      const triesLeft = MOST_TRIES - open.tries
      return triesLeft > 0 ? fail('verify_code_wrong', { triesLeft }) : fail('challenge_over')
    }
    if (code === 'state_token_refused') {
      await challenges.close(session, open)
      return fail('challenge_missing')
    }
    await challenges.giveBack(session, open)
    throw error
  }

  #store(req: Request): ChallengeStore {
    return new ChallengeStore(this.#managers.for(req).records)
  }

  #session(req: Request): string {
    const [session] = sessionNamesOf(req, this.#key)
    return session
  }
}
