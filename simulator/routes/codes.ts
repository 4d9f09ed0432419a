import type { SimulatorSettings } from '../settings.js'

/** The error codes of the two products for the same defect (docs/wire.md#error-codes). */
interface ErrorCodes {
  deviceIncomplete: string
  clientIDMissing: string
  clientIDWrong: string
  stateTokenMissing: string
  stateTokenInvalid: string
  // These three are undocumented; they differ from all documented codes.
  alipayCodeRefused: string
  verifyCodeRefused: string
  /** There is no such user to bind, or there already is one. */
  userRefused: string
}

export const SESSION_TOKEN_EMPTY = 'IDAAS.SDK.PARAM.0022'
export const SESSION_TOKEN_INVALID = 'IDAAS.SDK.PARAM.0023'
export const SIGNATURE_REFUSED = 'PARAM.0030'
export const TICKET_REQUIRED = 'PARAM.0031'
export const PUZZLE_WRONG = 'IDAAS.SDK.CAPTCHA.0002'
export const CODE_NOT_SENT = 'IDAAS.SDK.CAPTCHA.0006'
export const EXPIRED = 'SDK.COMMON.1005'

const byProduct: Record<SimulatorSettings['product'], ErrorCodes> = {
  oneaccess: {
    deviceIncomplete: 'SDK.COMMON.1003',
    clientIDMissing: 'SDK.COMMON.1012',
    clientIDWrong: 'APP.0001',
    stateTokenMissing: 'PARAM.0013',
    stateTokenInvalid: 'PARAM.0014',
    alipayCodeRefused: 'SDK.ALIPAY.0001',
    verifyCodeRefused: 'SDK.VERIFY.0001',
    userRefused: 'SDK.USER.0001',
  },
  ciam: {
    deviceIncomplete: 'IDAAS.SDK.PARAM.0001',
    clientIDMissing: 'IDAAS.SDK.PARAM.0002',
    clientIDWrong: 'IDAAS.SDK.PARAM.0003',
    stateTokenMissing: 'IDAAS.SDK.COMMON.1007',
    stateTokenInvalid: 'IDAAS.SDK.COMMON.1007',
    alipayCodeRefused: 'IDAAS.SDK.ALIPAY.0001',
    verifyCodeRefused: 'IDAAS.SDK.VERIFY.0001',
    userRefused: 'IDAAS.SDK.USER.0001',
  },
}

export function errorCodes(settings: SimulatorSettings): ErrorCodes {
  return byProduct[settings.product]
}
