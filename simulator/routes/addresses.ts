import { isLoopback } from '../loopback.js'

/** Why a browser may not be sent to an address, if it may not. `registered` are the only ones then. */
export function addressProblem(
  name: string,
  address: string,
  registered: string[] | undefined,
): string | undefined {
  if (registered) return registered.includes(address) ? undefined : `${name} is not registered`
  if (!URL.canParse(address)) return `${name} is not an address`
  const { protocol, hostname, hash } = new URL(address)
  if (protocol !== 'http:' && protocol !== 'https:') return `${name} is not http or https`
  if (!isLoopback(hostname)) {
    return `${name} is not on loopback: register it, with simulate --callback-url or callbackURLs`
  }
  return hash ? `${name} has a fragment` : undefined
}
