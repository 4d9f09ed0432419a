import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Finding } from '../../../cli/doctor/finding.js'
import { nameOf } from '../../../cli/doctor/names.js'
import { inLanguage } from '../../../cli/doctor/report.js'
import { type DoctorOptions, examine } from '../../../cli/doctor.js'
import type { Language } from '../../../lib/messages.js'
import type { Simulator } from '../../../simulator/index.js'
import { type Finished, run } from '../../package/installed.js'
import { englishIn } from '../../support/chinese.js'

const MAIN = fileURLToPath(new URL('../../../cli/main.js', import.meta.url))

/** This repository, which has all the packages of an app installed. */
export const COMPLETE_APP = fileURLToPath(new URL('../../../..', import.meta.url))

/** A correct environment of an app that logs in at the simulator. */
export function healthyEnv(simulator: Simulator): Record<string, string> {
  return {
    ONEACCESS_DOMAIN: simulator.domain,
    ONEACCESS_CLIENT_ID: simulator.clientID,
    ONEACCESS_CLIENT_SECRET: simulator.clientSecret,
    ALIPAY_APP_ID: simulator.alipayAppID,
    ALIPAY_AUTHORIZATION_URL: simulator.authorizationURL,
    CALLBACK_URL: 'http://127.0.0.1:3000/auth/alipay/callback',
  }
}

/** A correct production environment, with a domain that does not exist. */
export const PRODUCTION: Record<string, string> = {
  ONEACCESS_DOMAIN: 'acme.invalid',
  ONEACCESS_CLIENT_ID: 'shop',
  ONEACCESS_CLIENT_SECRET: 'a secret of the shop',
  ALIPAY_APP_ID: '2021000000000001',
  CALLBACK_URL: 'https://shop.example.com/auth/alipay/callback',
  SESSION_SECRET: '0123456789abcdef0123456789abcdef',
  TOKEN_SECRET: 'fedcba9876543210fedcba9876543210',
  REDIS_URL: 'redis://127.0.0.1:6379',
  PORT: '3000',
  NODE_ENV: 'production',
}

/** The doctor's findings by what they are about. Each must have a Chinese text too. */
export async function findingsOf(
  patient: Partial<DoctorOptions>,
  language: Language = 'en',
): Promise<Map<string, Finding<string>>> {
  const findings = await examine({ env: {}, folder: COMPLETE_APP, live: false, ...patient })
  for (const finding of findings) expectChinese(finding)
  return new Map(findings.map((finding) => [finding.about, inLanguage(finding, language)]))
}

/** Expects English and Chinese texts without a word of the other language. */
export function expectChinese({ about, says, change }: Finding): void {
  for (const { en, zh } of change === undefined ? [says] : [says, change]) {
    expect(en, about).to.not.match(/[\u3000-\u9fff]/)
    expect(englishIn(zh), `${about}: ${zh}`).to.equal(undefined)
    expect(zh, about).to.not.match(
      /undefined|\[object|[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]/,
    )
  }
  const isName = /^[A-Z_]+$|^Node$|^OneAccess$|^Redis$|^(express|passport|express-session)$/.test(
    about,
  )
  if (!isName) expect(nameOf(about, 'zh')).to.not.equal(about)
}

/** Runs the command in a process of its own, with no settings but these in its environment. */
export function runDoctor(args: string[], env: Record<string, string>): Promise<Finished> {
  const names = [
    'ONEACCESS_',
    'ALIPAY_',
    'CALLBACK_URL',
    'SESSION_SECRET',
    'REDIS_URL',
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'],
    ...['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
    'NODE_ENV',
    'PORT',
    'LANG',
    'LC_',
  ]
  const inherited = Object.keys(process.env).filter((name) =>
    names.some((one) => name.startsWith(one)),
  )
  const cleared = Object.fromEntries(inherited.map((name) => [name, '']))
  return run(COMPLETE_APP, process.execPath, [MAIN, 'doctor', ...args], { ...cleared, ...env })
}
