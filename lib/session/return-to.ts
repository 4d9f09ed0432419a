import type { Request } from 'express'
import { isSafeRedirect } from '../util/safe-redirect.js'

/** Where the user wanted to go, to be carried over to the new session at a login. */
export function returnToIn(req: Request): string | undefined {
  const { returnTo } = req.session as { returnTo?: unknown }
  return isSafeRedirect(returnTo) ? returnTo : undefined
}

export function keepReturnTo(req: Request, returnTo: string): void {
  Object.assign(req.session, { returnTo })
}
