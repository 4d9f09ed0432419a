import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { inRepository, run } from '../package/installed.js'

const FOLDER = inRepository('dist/docs-examples')

/** The names that the examples use without declaring them, as a reader of the README knows them. */
const PRELUDE = `import express, { type NextFunction, type Request, type Response } from 'express'
import type { Store } from 'express-session'
import passport from 'passport'
import * as library from 'passport-oneaccess-alipay'
import type { CallContext, Challenge, StrategyOptions } from 'passport-oneaccess-alipay'
import { RedisTokenStore } from 'passport-oneaccess-alipay/redis'
import { conformanceTests } from 'passport-oneaccess-alipay/conformance'
import { createClient } from 'redis'
const { ExpressSessionTokenStore, MemoryTokenStore, OneAccessAlipayStrategy, OneAccessClient, OneAccessError, errorMessage, failureMessage, languageOf } = library
const app = express()
declare const options: StrategyOptions & { passReqToCallback?: false }
declare const oneaccess: library.OneAccessAlipayStrategy<{ id: string }>
declare const client: library.OneAccessClient
declare const context: CallContext
declare const sessionStore: Store
declare const req: Request
declare const res: Response
declare const code: string, sessionToken: string, idToken: string
declare const it: (name: string, test: () => Promise<void>) => void
void [it, app, passport, options, oneaccess, client, context, sessionStore, req, res, code, sessionToken, idToken, RedisTokenStore, conformanceTests, createClient, ExpressSessionTokenStore, MemoryTokenStore, OneAccessAlipayStrategy, OneAccessClient, OneAccessError, errorMessage, failureMessage, languageOf]
`

/** Each `@example` of the doc comments, with a name for its place. */
function examples(): { where: string; code: string }[] {
  return readdirSync(inRepository('lib'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(inRepository(join('lib', name)), 'utf8')
      return [...text.matchAll(/@example\n((?:\s*\* .*\n)+)/g)].map(([, lines = ''], n) => ({
        where: `${name.replace(/\W/g, '-')}-${n}`,
        code: lines.replace(/^\s*\* ?/gm, ''),
      }))
    })
}

describe('the examples in doc comments', function () {
  this.timeout(60_000)

  it('compile separately', async () => {
    const all = examples()
    expect(all).to.have.length.above(30)
    await rm(FOLDER, { recursive: true, force: true })
    await mkdir(FOLDER, { recursive: true })
    for (const { where, code } of all) {
      const own = /\bchallenge\./.test(code) && !/const challenge/.test(code)
      const prelude = own ? `${PRELUDE}declare const challenge: Challenge\n` : PRELUDE
      // in a block, so that an example may declare the same names
      const text = `${prelude}export async function example(next: NextFunction) {\n{\n${code}\n}\nnext()\n}\n`
      await writeFile(join(FOLDER, `${where}.mts`), text)
    }
    const form = { module: 'nodenext', target: 'es2023', types: ['node'], noEmit: true }
    const config = { compilerOptions: { strict: true, ...form }, include: ['*.mts'] }
    await writeFile(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
    const tsc = inRepository('node_modules/.bin/tsc')
    const { code, stdout } = await run(FOLDER, tsc, ['-p', 'tsconfig.json'])
    expect(code, stdout).to.equal(0)
  })

  it('exist for every public method of the classes that an app calls', () => {
    for (const path of ['strategy.ts', 'oneaccess/client.ts', 'login/challenge.ts']) {
      const lines = readFileSync(inRepository(join('lib', path)), 'utf8').split('\n')
      const without = lines.filter((line, n) => {
        const isMethod =
          /^ {2}(?:override |async )*(?!constructor|private|static|#|if|for|while|switch)[a-z]\w*\(/.test(
            line,
          )
        if (!isMethod) return false
        const end = lines.slice(0, n).findLastIndex((one) => one.trim().endsWith('*/'))
        const comment = lines.slice(Math.max(0, end - 14), end + 1).join('\n')
        return end !== n - 1 || !comment.slice(comment.lastIndexOf('/**')).includes('@example')
      })
      expect(without, path).to.deep.equal([])
    }
  })
})
