import type { Words } from './finding.js'

/** The strategy's messages about a wrong option, and their Chinese translations. */
const REASONS: [pattern: RegExp, zh: string][] = [
  [/^is required$/, '是必填项'],
  [/^must be a non-empty string$/, '必须是非空字符串'],
  [/^must contain only visible ASCII characters$/, '只能包含可见的 ASCII 字符'],
  [/^must be one of: (.*)$/, '必须是以下之一：$1'],
  [/^must be an absolute URL$/, '必须是完整的 URL'],
  [/^must be an https URL$/, '必须是 https URL'],
  [/^must not contain a user or password$/, '不能包含用户名和密码'],
  [
    /^must be https: plain http is allowed only for loopback$/,
    '必须使用 https，http 只能用于本机回环地址',
  ],
  [/^must be a host or an origin, without a path$/, '必须是主机名或源，后面不能带路径'],
  [/^must not have a #fragment$/, '不能带 # 片段'],
  [/^must not use (.*), which Alipay adds$/, '不能使用 $1，该参数由支付宝添加'],
]

/** The message of an error about an option, without the option's name. */
export function reasonOf(error: unknown): Words {
  const en = String((error as Error).message).replace(/^.*?: option \S+ /, '')
  const [said, zh] = REASONS.find(([pattern]) => pattern.test(en)) ?? []
  return {
    en,
    zh: said && zh ? en.replace(said, zh).replaceAll(', ', '、') : `不符合要求（${en}）`,
  }
}
