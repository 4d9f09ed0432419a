#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { DOCTOR_HELP, doctor } from './doctor.js'
import { SIMULATE_HELP, simulate } from './simulate.js'

/** A command gets its arguments and where to write; it gives the exit code. */
type Command = (args: string[], write: (text: string) => void) => Promise<number>

const COMMANDS: Record<string, Command> = { doctor, simulate }

const HELP = `passport-oneaccess-alipay COMMAND [options]

  doctor    checks the settings of an app, and on request the tenant
  simulate  runs a simulated OneAccess and Alipay on loopback

${DOCTOR_HELP}
${SIMULATE_HELP}`

/** Wrong usage is told in one line, without a stack. */
async function main([name = '--help', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === '-h') return say(HELP)
  if (name === '--version' || name === '-v') return say(`${versionOf()}\n`)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) {
    const all = Object.keys(COMMANDS).join(', ')
    process.stderr.write(`there is no command ${name}, there are: ${all}\n`)
    return 2
  }
  return command(args, say)
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
