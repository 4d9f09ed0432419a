import './augment.js'

export type { AuthenticateOptions } from './authenticate-options.js'
export type { Drained, DrainOptions } from './drain.js'
export {
  OneAccessError,
  type OneAccessErrorCode,
  type OneAccessErrorDetails,
  type Step,
} from './errors.js'
export type { MessagesOption } from './localize.js'
export type { Captcha, Challenge, ContactInput } from './login/challenge.js'
export type { FailureInfo } from './login/outcome.js'
export type { Profile } from './login/profile.js'
export type {
  Done,
  NoUser,
  Tokens,
  Verified,
  VerifyFunction,
  VerifyFunctionWithRequest,
} from './login/verify.js'
export {
  errorMessage,
  type FailureCode,
  failureMessage,
  type Language,
  languageOf,
} from './messages.js'
export type { ApiCredential, CredentialAuth } from './oneaccess/access-token.js'
export type { CallEvent } from './oneaccess/call-events.js'
export type {
  CaptchaSolution,
  ChallengeAction,
  CodeOrder,
  Completion,
  Contact,
} from './oneaccess/challenge-calls.js'
export {
  type LoginVersion,
  OneAccessClient,
  type OneAccessClientOptions,
} from './oneaccess/client.js'
export type { ClockEvent } from './oneaccess/clock-skew.js'
export type { Device } from './oneaccess/device.js'
export type { IDTokenOptions, SignatureAlgorithm } from './oneaccess/id-token-check.js'
export type { RefreshWith } from './oneaccess/refresh-with.js'
export type { CallContext } from './oneaccess/requests.js'
export type {
  CaptchaResponse,
  IncompleteLogin,
  LoginResponse,
  SessionResponse,
} from './oneaccess/responses.js'
export type { OneAccessUser } from './oneaccess/user.js'
export type {
  PhonesOption,
  Setting,
  StrategyOptions,
  Timeouts,
  TokenStoreOptions,
} from './options.js'
export type { RequestTokens } from './session/request-tokens.js'
export type { Serializer } from './session/serialize.js'
export { ExpressSessionTokenStore, type SessionStore } from './stores/express-session.js'
export { MemoryTokenStore } from './stores/memory.js'
export { OneAccessAlipayStrategy } from './strategy.js'
export type { StoredRecord, TokenStore } from './token-store.js'
export type {
  EndEvent,
  LoginEvent,
  LogoutEvent,
  RefreshEvent,
  SaveEvent,
  StoreEvent,
  UnreadableEvent,
} from './tokens/events.js'
export type { EndReason } from './tokens/record.js'
