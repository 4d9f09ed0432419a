import { isLoopback } from '../loopback.js'

/**
 * Why a browser must not be sent to an address; undefined if it may. If `registered` is given, only
 * those are allowed.
 */
export function addressProblem(
  name: string,
  address: string,
  registered: string[] | undefined,
): string | undefined {
  if (registered) return registered.includes(address) ? undefined : `${name} is not registered`
  if (!URL.canParse(address)) return `${name} is not a URL`
  const { protocol, hostname, hash } = new URL(address)
  if (protocol !== 'http:' && protocol !== 'https:') return `${name} is not http or https`
  if (!isLoopback(hostname)) {
    return `${name} is not on loopback: register it with simulate --callback-url or the option callbackURLs`
  }
  return hash ? `${name} has a fragment` : undefined
}
