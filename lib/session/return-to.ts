import type { Request } from 'express'
import { isSafeRedirect } from '../util/safe-redirect.js'

/** Where the person wanted to go, for the session that follows this one at a login. */
export function returnToIn(req: Request): string | undefined {
  const { returnTo } = req.session as { returnTo?: unknown }
  return isSafeRedirect(returnTo) ? returnTo : undefined
}

export function keepReturnTo(req: Request, returnTo: string): void {
  Object.assign(req.session, { returnTo })
}
