import type { RequestTokens } from './request-tokens.js'

declare global {
  namespace Express {
    interface Request {
      /** The tokens of the person who is logged in; set by `oneaccess.backgroundRefresh()`. */
      oneaccess: RequestTokens
    }
  }
}
