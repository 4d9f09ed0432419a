import './augment.js'

export { OneAccessError, type OneAccessErrorCode, type Step } from './errors.js'
export type { Profile } from './login/profile.js'
export type { FailureCode, FailureInfo } from './login/verdict.js'
export type { Tokens, VerifyFunction, VerifyFunctionWithRequest } from './login/verify.js'
export {
  type CallContext,
  type LoginAnswer,
  OneAccessClient,
  type OneAccessClientOptions,
  type OneAccessUser,
  type SessionAnswer,
} from './oneaccess/client.js'
export type { Device } from './oneaccess/device.js'
export type { StrategyOptions, Timeouts, TokenStoreOptions } from './options.js'
export type { EndEvent, LoginEvent, RefreshEvent } from './session/events.js'
export type { EndReason } from './session/record.js'
export type { RequestTokens } from './session/request-tokens.js'
export { ExpressSessionTokenStore } from './session/stores/express-session.js'
export { MemoryTokenStore } from './session/stores/memory.js'
export type { StoredRecord, TokenStore } from './session/tokens.js'
export { type AuthenticateOptions, OneAccessAlipayStrategy } from './strategy.js'
