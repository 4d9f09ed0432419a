import type { SimulatorSettings } from '../settings.js'
import type { Fault } from '../transport/faults.js'

/** A fault that the console offers. */
interface ScriptedFault {
  name: string
  zh: string
  en: string
  make(settings: SimulatorSettings): Fault
}

export const scriptedFaults: ScriptedFault[] = [
  { name: 'busy', zh: '系统繁忙', en: 'system busy', make: busy },
  {
    name: 'error',
    zh: '服务器错误（500）',
    en: 'server error (500)',
    make: () => ({ status: 500 }),
  },
  { name: 'spent', zh: '访问凭据失效', en: 'access token expired', make: spent },
  { name: 'slow', zh: '延迟 3 秒', en: '3 seconds delay', make: () => ({ delay: 3000 }) },
  { name: 'hang', zh: '不响应', en: 'no response', make: () => ({ hang: true }) },
  {
    name: 'drop-before',
    zh: '处理前断开连接',
    en: 'connection dropped before processing',
    make: () => ({ drop: 'before' }),
  },
  {
    name: 'drop-after',
    zh: '处理后断开连接，响应丢失',
    en: 'connection dropped after processing',
    make: () => ({ drop: 'after' }),
  },
  {
    name: 'truncate',
    zh: '响应被截断',
    en: 'response truncated',
    make: () => ({ truncate: true }),
  },
  {
    name: 'html',
    zh: '响应不是 JSON',
    en: 'response is not JSON',
    make: () => ({ status: 200, body: '<html>gateway</html>' }),
  },
  { name: 'huge', zh: '响应体 5 MB', en: '5 MB response', make: () => ({ huge: 5_000_000 }) },
]

function busy({ product }: SimulatorSettings): Fault {
  const error_code = product === 'ciam' ? 'IDAAS.SDK.COM.0002' : 'SDK.COMMON.1008'
  const status = product === 'ciam' ? 400 : 500
  return { status, body: { error_code, error_msg: 'system busy, please try again later' } }
}

function spent({ credentialErrors }: SimulatorSettings): Fault {
  const body = { error: 'invalid_token', error_description: 'scripted' }
  return { status: credentialErrors, body }
}
