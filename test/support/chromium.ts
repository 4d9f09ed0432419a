import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** For machines without a sandbox, a GPU and a network. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A tab of a real browser, with the errors and warnings of its console. */
export interface Tab {
  page: Page
  complaints: string[]
  close(): Promise<void>
}

export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  return chromium.launch({ executablePath, args: ARGS })
}

export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ locale: 'zh-CN', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return { page, complaints, close: () => context.close() }
}

/** Texts with too little contrast (WCAG 2.2, 1.4.3), each with its ratio. */
export async function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(FAINT_TEXTS)
}

/** Links, buttons and fields smaller than 44 px, except links within a sentence. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(SMALL_TARGETS)
}

/** Elements that extend beyond the right edge of the screen, or whose text is cut off. */
export async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(OVERFLOWING)
}

/** Lines of Chinese that start with a mark of the line before: punctuation, or the dot in a name. */
export async function lostMarks(page: Page): Promise<string[]> {
  return page.evaluate(LOST_MARKS)
}

const LOST_MARKS = `(() => {
  const lost = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const topOf = (node, at) => {
    const range = document.createRange()
    range.setStart(node, at)
    range.setEnd(node, at + 1)
    return range.getBoundingClientRect().top
  }
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    for (const { index } of node.data.matchAll(/(?<=\\S)[，。、；：！？）”·]/g)) {
      if (topOf(node, index) > topOf(node, index - 1) + 4) lost.push(node.data.slice(0, index + 1))
    }
  }
  return lost
})()`

const SMALL_TARGETS = `(() => {
  const small = []
  for (const one of document.querySelectorAll('a, button, summary, select, input')) {
    const target = one.matches('[type=radio], [type=checkbox]') ? one.closest('label') : one
    const style = getComputedStyle(target)
    if (!target.checkVisibility() || style.display === 'inline' || one.matches('.skip')) continue
    const { width, height } = target.getBoundingClientRect()
    if (width < 44 || height < 44) small.push((target.innerText || one.name) + ' ' + width + 'x' + height)
  }
  return small
})()`

const OVERFLOWING = `(() => {
  const wide = []
  for (const one of document.body.querySelectorAll('*')) {
    if (!one.checkVisibility() || one.closest('svg, .unseen, .skip, .puzzle')) continue
    const style = getComputedStyle(one)
    if (getComputedStyle(one.parentElement).textOverflow === 'ellipsis') continue
    const beyond = one.getBoundingClientRect().right > innerWidth + 0.5
    const cut = style.display !== 'inline' && one.scrollWidth > one.clientWidth + 1 && style.textOverflow !== 'ellipsis'
    if (beyond || cut) wide.push(one.tagName + '.' + one.className + ' ' + (one.innerText ?? '').slice(0, 40))
  }
  return wide
})()`

// A string, as this project is compiled without the types of a browser.
const FAINT_TEXTS = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number)
  const channel = (value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor)
      if (color[3] !== 0) return color
    }
    return [255, 255, 255]
  }
  const faint = []
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    if (!own || element.closest('svg, [aria-hidden=true], .unseen, .skip')) continue
    const style = getComputedStyle(element)
    const [one, two] = [light(parse(style.color)), light(behind(element))].sort((a, b) => b - a)
    const ratio = (one + 0.05) / (two + 0.05)
    const size = parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (large ? 3 : 4.5)) faint.push(element.textContent.trim() + ' ' + ratio.toFixed(2))
  }
  return faint
})()`
