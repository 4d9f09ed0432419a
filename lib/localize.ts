import type { Request } from 'express'
import { OneAccessError, type OneAccessErrorCode } from './errors.js'
import { headerOf } from './incoming-request.js'
import { errorMessage, FAILURES, type FailureName, type Language, languageOf } from './messages.js'

/** In which words people are told; see the option `messages`. */
export type MessagesOption =
  | Language
  | ((code: FailureName | OneAccessErrorCode, req: Request) => string | undefined)

/** A failure as far as its sentence goes. */
interface Told {
  code: FailureName
  message: string
}

/** What one request's person is told, in their words. */
export interface Localized {
  /** What the app's `verify` has said by itself stays as it is. */
  info<T extends Told>(info: T): T
  /** A new error where the sentence changes: whoever waits for one call is given the same one. */
  error<T>(error: T): T | OneAccessError
}

/** Puts what a person may read into their language, or into the app's own words. */
export class Localizer {
  readonly option: MessagesOption | undefined

  constructor(option?: MessagesOption) {
    this.option = option
  }

  /** What says the language is read at once. */
  for(req: Request): Localized {
    const accepted = headerOf(req, 'accept-language')
    const own = (code: FailureName | OneAccessErrorCode) => this.#ownWords(code, req)
    return {
      info: (info) => {
        // an app's verify may give anything as its message
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

  /** An app that gives no words, or throws, leaves it to the built-in ones. */
  #ownWords(code: FailureName | OneAccessErrorCode, req: Request): string | undefined {
    if (typeof this.option !== 'function') return undefined
    try {
      const words: unknown = this.option(code, req)
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
