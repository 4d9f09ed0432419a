import type { Person } from '../../simulator/index.js'
import { Browser, type Page } from './browser.js'
import { decideAtAlipay, type Example } from './example.js'

/** Logs in until the page of the challenge. */
export async function beginChallenge(
  example: Example,
  person: Person,
  { browser = new Browser({ 'accept-language': 'en' }), from = '/auth/alipay' } = {},
): Promise<Browser> {
  const { location } = await browser.get(await decideAtAlipay(example, browser, { person, from }))
  if (location !== `${example.url}/challenge`) throw new Error(`redirected to ${location}`)
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

/** The error at a field or on top of the page; undefined without one. */
export function problemOn({ text }: Page): string | undefined {
  return /role="alert">(?:<p>)?([^<]+)/.exec(text)?.[1]?.replaceAll('\u00a0', ' ')
}

/** Solves the puzzle of the page, and submits the form to request a code. */
export async function requestCode(
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

/** Submits a code in the second form. */
export async function submitCode(
  example: Example,
  browser: Browser,
  verify_code: string,
): Promise<Page> {
  const page = await browser.get(`${example.url}/challenge`)
  const challenge = hidden(page, 'challenge')
  return browser.post(`${example.url}/challenge`, { challenge, verify_code })
}

/** The last code sent to a contact, and a wrong one. */
export function codesFor({ simulator }: Example, to: string): { right: string; wrong: string } {
  const right = simulator.lastCode(to)
  if (right === undefined) throw new Error('no code was sent')
  return { right, wrong: right === '000000' ? '111111' : '000000' }
}
