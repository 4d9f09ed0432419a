import type { Request } from 'express'

/** Where the person wanted to go, for the session that follows this one at a login. */
export function returnToIn(req: Request): string | undefined {
  const { returnTo } = req.session as { returnTo?: unknown }
  return isLocalPath(returnTo) ? returnTo : undefined
}

export function keepReturnTo(req: Request, returnTo: string): void {
  Object.assign(req.session, { returnTo })
}

/** Whether a browser that is sent there stays with this app: a path, and no address of another host. */
export function isLocalPath(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length <= 2_048 &&
    /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)
  )
}
