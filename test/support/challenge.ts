import type { Person } from '../../simulator/index.js'
import { Browser, type Page } from './browser.js'
import { decideAtAlipay, type Example } from './example.js'

/** As far as the page that finishes a first login or a second factor. */
export async function beginChallenge(
  example: Example,
  person: Person,
  { browser = new Browser({ 'accept-language': 'en' }), from = '/auth/alipay' } = {},
): Promise<Browser> {
  const { location } = await browser.get(await decideAtAlipay(example, browser, { person, from }))
  if (location !== `${example.url}/challenge`) throw new Error(`led to ${location}`)
  return browser
}

/** The value of a hidden field. */
export function hidden({ text }: Page, name: string): string {
  const value = new RegExp(`name="${name}" value="([^"]*)"`)
    .exec(text)?.[1]
    ?.replaceAll('\u00a0', ' ')
  if (value === undefined) throw new Error(`no field ${name} in ${text.slice(0, 2_000)}`)
  return value
}

/** What is said beside a field or on top of the page; undefined when nothing is wrong. */
export function problemOn({ text }: Page): string | undefined {
  return /role="alert">(?:<p>)?([^<]+)/.exec(text)?.[1]?.replaceAll('\u00a0', ' ')
}

/** Solves the puzzle of the page, and sends the form with it. */
export async function orderCode(
  example: Example,
  browser: Browser,
  fields: Record<string, string> = {},
): Promise<Page> {
  const page = await browser.get(`${example.url}/challenge?again`)
  const token = hidden(page, 'token')
  const x = String(example.simulator.captchaAnswer(token))
  const challenge = hidden(page, 'challenge')
  return browser.post(`${example.url}/challenge/code`, { challenge, token, x, ...fields })
}

/** Sends the code in the second form. */
export async function typeCode(
  example: Example,
  browser: Browser,
  verify_code: string,
): Promise<Page> {
  const page = await browser.get(`${example.url}/challenge`)
  const challenge = hidden(page, 'challenge')
  return browser.post(`${example.url}/challenge`, { challenge, verify_code })
}

/** The last code that went there, and one that is not it. */
export function codesFor({ simulator }: Example, to: string): { right: string; wrong: string } {
  const right = simulator.lastCode(to)
  if (right === undefined) throw new Error('no code was sent')
  return { right, wrong: right === '000000' ? '111111' : '000000' }
}
