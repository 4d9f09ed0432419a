import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Words } from './doctor/finding.js'

/** Variables by name, in the order in which they are written. */
export type Settings = Record<string, string>

/**
 * The settings as lines of a .env file, quoted so that `node --env-file` and the doctor read them
 * back unchanged.
 */
export function envLines(settings: Settings): string[] {
  return Object.entries(settings).map(([name, value]) => {
    const forms = [value, `'${value}'`, `"${value}"`, `\`${value}\``]
    const form = forms.find((text) => parseEnv(`${name}=${text}`)[name] === value)
    return `${name}=${form ?? value}`
  })
}

/**
 * Writes a simulator's settings into a file that only its owner can read. Lines for other variables
 * stay as they are. Returns why it refused, if it did; the file is then unchanged.
 */
export function writeEnvFile(file: string, settings: Settings): Words | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found && !found.isFile()) return notAFile(file)
    const before = found ? readFileSync(file, 'utf8') : ''
    const held = parseEnv(before)
    const names = Object.keys(settings).filter((name) => held[name])
    if (names.length > 0 && !held.ONEACCESS_DOMAIN?.startsWith('http://'))
      return holdsTenantSettings(file, names)
    const after = merged(before, settings)
    if (!sameSettings(parseEnv(after), { ...held, ...settings })) return notQuotable(file)
    if (found) chmodSync(file, 0o600)
    writeFileSync(file, after, { mode: 0o600 })
    return undefined
  } catch (error) {
    return unwritable(file, error as NodeJS.ErrnoException)
  }
}

/** Replaces each setting where it is, and appends the new ones. */
function merged(before: string, settings: Settings): string {
  const end = before.includes('\r\n') ? '\r\n' : '\n'
  const left = new Map(Object.keys(settings).map((name, n) => [name, envLines(settings)[n] ?? '']))
  const lines = before === '' ? [] : before.replace(/\r?\n$/, '').split(/\r?\n/)
  const kept = lines.flatMap((line) => {
    const name = /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line)?.[1] ?? ''
    if (!Object.hasOwn(settings, name)) return [line]
    const replacement = left.get(name)
    left.delete(name)
    return replacement === undefined ? [] : [replacement]
  })
  return [...kept, ...left.values(), ''].join(end)
}

function sameSettings(one: NodeJS.Dict<string>, other: NodeJS.Dict<string>): boolean {
  const names = Object.keys({ ...one, ...other })
  return names.every((name) => one[name] === other[name])
}

function notAFile(file: string): Words {
  return { en: `${file} is not a plain file`, zh: `${file} 不是普通文件` }
}

function holdsTenantSettings(file: string, names: string[]): Words {
  const all = names.join(', ')
  return {
    en: `${file} contains settings that are not from a simulator (${all}); name another file, or remove them`,
    zh: `${file} 中已有不是模拟器写入的配置（${all}），请换一个文件，或先删除这些配置`,
  }
}

function notQuotable(file: string): Words {
  return {
    en: `${file} cannot hold the settings: a value in it spans several lines or cannot be quoted`,
    zh: `无法把配置写入 ${file}：其中有跨行的值，或无法用引号括起来的值`,
  }
}

function unwritable(file: string, { code }: NodeJS.ErrnoException): Words {
  return { en: `${file} cannot be written: ${code}`, zh: `无法写入 ${file}：${code}` }
}
