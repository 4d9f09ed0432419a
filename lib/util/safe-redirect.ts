/** Whether a browser that is sent there stays with this app: a path, and no address of another host. */
export function isSafeRedirect(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length <= 2_048 &&
    /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)
  )
}
