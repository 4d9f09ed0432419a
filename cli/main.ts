#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import type { Language } from '../lib/messages.js'
import { doctor } from './doctor.js'
import { COMMANDS_HELP, DOCTOR_HELP, SIMULATE_HELP } from './help.js'
import { commandLanguage } from './language.js'
import { simulate } from './simulate.js'

/** Takes the arguments and a function that writes output; resolves to the exit code. */
type Command = (args: string[], write: (text: string) => void) => Promise<number>

const COMMANDS: Record<string, Command> = { doctor, simulate }

/** Wrong usage is reported in one line, without a stack trace. */
async function main([name = '--help', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === '-h')
    return say(helpOf(commandLanguage(undefined, process.env)))
  if (name === '--version' || name === '-v') return say(`${versionOf()}\n`)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) {
    const all = Object.keys(COMMANDS).join(', ')
    const message = {
      en: `unknown command ${name}; commands: ${all}`,
      zh: `未知命令 ${name}，可用的命令：${all.replaceAll(', ', '、')}`,
    }
    process.stderr.write(`${message[commandLanguage(undefined, process.env)]}\n`)
    return 2
  }
  return command(args, say)
}

function helpOf(language: Language): string {
  return [COMMANDS_HELP, DOCTOR_HELP, SIMULATE_HELP].map((help) => help[language]).join('\n')
}

function say(text: string): 0 {
  process.stdout.write(text)
  return 0
}

function versionOf(): string {
  const manifest = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    if (!(error instanceof TypeError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  },
)
