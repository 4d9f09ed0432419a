import { isLoopback } from '../loopback.js'
import type { Words } from '../words.js'

/**
 * Why a browser must not be sent to an address; undefined if it may. If `registered` is given, only
 * those are allowed.
 */
export function addressProblem(
  name: string,
  address: string,
  registered: string[] | undefined,
): Words | undefined {
  if (registered) {
    const problem = { en: `${name} is not registered`, zh: `${name} 没有登记` }
    return registered.includes(address) ? undefined : problem
  }
  if (!URL.canParse(address)) return { en: `${name} is not a URL`, zh: `${name} 不是有效的地址` }
  const { protocol, hostname, hash } = new URL(address)
  if (protocol !== 'http:' && protocol !== 'https:')
    return { en: `${name} is not http or https`, zh: `${name} 不是 http 或 https 地址` }
  if (!isLoopback(hostname)) {
    return {
      en: `${name} is not on loopback: register it with simulate --callback-url or the option callbackURLs`,
      zh: `${name} 不是本机回环地址，请用 simulate --callback-url 或选项 callbackURLs 登记`,
    }
  }
  return hash ? { en: `${name} has a fragment`, zh: `${name} 带有 # 片段` } : undefined
}
