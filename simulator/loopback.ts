/**
 * Whether a host, as `URL` spells it, is this machine. Browsers treat any name below `localhost` as
 * such.
 */
export function isLoopback(hostname: string): boolean {
  return /^(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
