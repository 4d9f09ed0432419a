import type { Request } from 'express'
import { OneAccessError, type OneAccessErrorCode } from './errors.js'
import { headerOf } from './incoming-request.js'
import { errorMessage, FAILURES, type FailureCode, type Language, languageOf } from './messages.js'
import { isUnawaited } from './util/unawaited.js'

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

/** Puts messages for users into their language, or replaces them with the app's own. */
export class Localizer {
  readonly option: MessagesOption | undefined

  constructor(option?: MessagesOption) {
    this.option = option
  }

  /** Reads `Accept-Language` at once: the request may have ended when the message is needed. */
  for(req: Request): Localized {
    const accepted = headerOf(req, 'accept-language')
    const appMessage = (code: FailureCode | OneAccessErrorCode) => this.#appMessage(code, req)
    return {
      info: (info) => {
        // verify may pass anything as the message
        const message: unknown = info.message
        if (typeof message !== 'string' || !message.startsWith(FAILURES[info.code].en)) return info
        const language = this.#language(accepted)
        const localized =
          appMessage(info.code) ?? (language === 'en' ? undefined : FAILURES[info.code][language])
        return localized === undefined ? info : { ...info, message: localized }
      },
      error: (error) => {
        if (!(error instanceof OneAccessError)) return error
        const language = this.#language(accepted)
        const localized =
          appMessage(error.code) ?? (language === 'en' ? undefined : errorMessage(error, language))
        return localized === undefined ? error : withPublicMessage(error, localized)
      },
    }
  }

  #language(accepted: string): Language {
    const option = this.option
    return option === 'en' || option === 'zh' ? option : languageOf(accepted)
  }

  /** Undefined, for the built-in message, if the app's function returns none or throws. */
  #appMessage(code: FailureCode | OneAccessErrorCode, req: Request): string | undefined {
    if (typeof this.option !== 'function') return undefined
    try {
      const message: unknown = this.option(code, req)
      if (isUnawaited(message)) return undefined
      return typeof message === 'string' && message !== '' ? message : undefined
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
