/**
 * Whether a URL's host is this machine, where plain http is allowed: `localhost`, names below it,
 * 127.0.0.0/8 and `[::1]`, as `URL` spells them.
 */
export function isLoopback({ hostname }: URL): boolean {
  return /^(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
