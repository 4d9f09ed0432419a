import type { Language } from '../lib/messages.js'
import { commandLanguage } from './language.js'

/**
 * Runs `parse`, a call of `parseArgs`, and turns its errors into a `TypeError` in the language of
 * the command. The message names options, but never repeats a value: it may be a misplaced secret.
 */
export function parseOrExplain<T>(args: string[], parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    const { code = '', message: reason } = error as NodeJS.ErrnoException
    const name = /'(--?[\w-]+)/.exec(reason)?.[1] ?? ''
    const message = wrongUsage(code, name, /does not take/.test(reason))
    if (message === undefined) throw error
    throw new TypeError(message[languageOf(args)])
  }
}

function wrongUsage(
  code: string,
  name: string,
  isFlag: boolean,
): Record<Language, string> | undefined {
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    return {
      en: `unknown option ${name}: see --help`,
      zh: `未知选项 ${name}，可用的选项见 --help`,
    }
  }
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
    return {
      en: 'each argument must follow an option name: see --help',
      zh: '参数前必须有选项名，可用的选项见 --help',
    }
  }
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return undefined
  if (isFlag)
    return {
      en: `${name} takes no value: write ${name}`,
      zh: `选项 ${name} 不能带值，请只写 ${name}`,
    }
  return {
    en: `${name} needs a value: write ${name}=VALUE`,
    zh: `选项 ${name} 缺少值，请写成 ${name}=值`,
  }
}

/** Nothing is parsed yet, so this looks for `--language` by hand. */
function languageOf(args: string[]): Language {
  const at = args.indexOf('--language')
  const option =
    at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith('--language='))?.slice(11)
  return commandLanguage(option === 'zh' || option === 'en' ? option : undefined, process.env)
}
