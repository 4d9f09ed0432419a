import { ExchangeError } from '../../lib/transport/message.js'
import { proxyFor } from '../../lib/transport/proxy.js'
import { error, type Finding, ok, type Words } from './finding.js'
import type { Env } from './settings.js'

/**
 * Checks the proxy that the app's calls to the tenant go through, chosen from the app's environment
 * as the strategy chooses it; undefined if there is none. Prints no password.
 */
export function checkProxy(origin: string, env: Env): Finding | undefined {
  const about = 'the proxy'
  try {
    const proxy = proxyFor(origin, env)
    return proxy && ok(about, { en: `is ${proxy.origin}`, zh: `调用租户时经由 ${proxy.origin}` })
  } catch (thrown) {
    if (!(thrown instanceof ExchangeError)) throw thrown
    return error(about, unusable(thrown.message), CHANGE)
  }
}

const CHANGE: Words = {
  en: 'change it, set NO_PROXY, or pass a proxy or agent in the option http',
  zh: '请修改该变量，或设置 NO_PROXY，或在选项 http 中传入 proxy 或 agent',
}

/** What the strategy says about the variable, without what to do. */
function unusable(message: string): Words {
  const [name = ''] = message.split(' ')
  const zh = message.includes('SOCKS')
    ? '是 SOCKS 代理，只支持 http 和 https 代理'
    : '不是有效的 URL，用户名和密码中的特殊字符要做百分号编码'
  return { en: message.replace(`: ${CHANGE.en}`, ''), zh: `环境变量 ${name} ${zh}` }
}
