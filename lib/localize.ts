import { types } from 'node:util'
import type { Request } from 'express'
import { OneAccessError, type OneAccessErrorCode } from './errors.js'
import { headerOf } from './incoming-request.js'
import { errorMessage, FAILURES, type FailureCode, type Language, languageOf } from './messages.js'

/** The language of the messages for users, or a function that returns them; see `StrategyOptions.messages`. */
export type MessagesOption =
  | Language
  | ((code: FailureCode | OneAccessErrorCode, req: Request) => string | undefined)

/** The part of a failure that is localized. */
interface WithMessage {
  code: FailureCode
  message: string
}

/** Localizes the messages of one request. */
export interface Localized {
  /** A message that the app's `verify` gave stays as it is. */
  info<T extends WithMessage>(info: T): T
  /** Returns a copy if the message changes, because several requests may wait for one call and share its error. */
  error<T>(error: T): T | OneAccessError
}

/** Puts messages for users into their language, or into the app's own words. */
export class Localizer {
  readonly option: MessagesOption | undefined

  constructor(option?: MessagesOption) {
    this.option = option
  }

  /** Reads `Accept-Language` at once: the request may have ended when the message is needed. */
  for(req: Request): Localized {
    const accepted = headerOf(req, 'accept-language')
    const own = (code: FailureCode | OneAccessErrorCode) => this.#ownWords(code, req)
    return {
      info: (info) => {
        // verify may have given anything as the message
        const said: unknown = info.message
        if (typeof said !== 'string' || !said.startsWith(FAILURES[info.code].en)) return info
        const language = this.#language(accepted)
        const told =
          own(info.code) ?? (language === 'en' ? undefined : FAILURES[info.code][language])
        return told === undefined ? info : { ...info, message: told }
      },
      error: (error) => {
        if (!(error instanceof OneAccessError)) return error
        const language = this.#language(accepted)
        const told =
          own(error.code) ?? (language === 'en' ? undefined : errorMessage(error, language))
        return told === undefined ? error : withPublicMessage(error, told)
      },
    }
  }

  #language(accepted: string): Language {
    const option = this.option
    return option === 'en' || option === 'zh' ? option : languageOf(accepted)
  }

  /** Undefined, for the built-in message, if the app's function returns none or throws. */
  #ownWords(code: FailureCode | OneAccessErrorCode, req: Request): string | undefined {
    if (typeof this.option !== 'function') return undefined
    try {
      const words: unknown = this.option(code, req)
      if (types.isPromise(words)) words.catch(() => {}) // too late for words, and no reason to end the process
      return typeof words === 'string' && words !== '' ? words : undefined
    } catch {
      return undefined
    }
  }
}

function withPublicMessage(error: OneAccessError, publicMessage: string): OneAccessError {
  const { code, step, status, hint } = error
  const copy = new OneAccessError(code, { step, status, hint })
  const value = { value: publicMessage, enumerable: true, writable: true, configurable: true }
  const properties = { ...Object.getOwnPropertyDescriptors(error), publicMessage: value }
  return Object.defineProperties(copy, properties)
}
