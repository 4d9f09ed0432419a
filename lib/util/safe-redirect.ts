/** Whether a redirect to this value stays on this origin: it must be a path, not a URL of another host. */
export function isSafeRedirect(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length <= 2_048 &&
    /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)
  )
}
