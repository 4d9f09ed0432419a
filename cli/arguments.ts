import type { Language } from '../lib/messages.js'
import { commandLanguage } from './language.js'

/**
 * What `parse`, a call of `parseArgs`, gives. Wrong usage is a `TypeError` in the language of the
 * command. It repeats the names of options, and no values: one may be a secret in the wrong place.
 */
export function parsed<T>(args: string[], parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const name = /'(--?[\w-]+)/.exec(message)?.[1] ?? ''
    const says = wrongUsage(code, name, /does not take/.test(message))
    if (says === undefined) throw error
    throw new TypeError(says[languageOf(args)])
  }
}

function wrongUsage(
  code: string,
  name: string,
  isFlag: boolean,
): Record<Language, string> | undefined {
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    return {
      en: `unknown option ${name}: --help lists them`,
      zh: `没有选项 ${name}，可用的选项见 --help`,
    }
  }
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
    return {
      en: 'arguments must follow an option name: --help lists them',
      zh: '每个参数前都要写选项名，可用的选项见 --help',
    }
  }
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return undefined
  if (isFlag)
    return { en: `${name} takes no value: write ${name}`, zh: `${name} 不带值，请只写 ${name}` }
  return {
    en: `${name} needs a value: write ${name}=VALUE`,
    zh: `${name} 需要带值，请写成 ${name}=值`,
  }
}

/** Before anything is parsed: what stands behind `--language`, if it is one of the two. */
function languageOf(args: string[]): Language {
  const at = args.indexOf('--language')
  const option =
    at >= 0 ? args[at + 1] : args.find((arg) => arg.startsWith('--language='))?.slice(11)
  return commandLanguage(option === 'zh' || option === 'en' ? option : undefined, process.env)
}
