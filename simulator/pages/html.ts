import { randomBytes } from 'node:crypto'
import type { Answer } from '../transport/answer.js'

/** Text that is already markup. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | Part[]

/** A template that escapes its values, except for those that are markup already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...parts.map(render)))
}

/** A text in both languages; the page's style shows the one that matches the page's language. */
export function say(zh: string | Markup, en: string | Markup): Markup {
  return html`<span lang="zh">${zh}</span><span lang="en">${en}</span>`
}

/** The language of a page, by `Accept-Language`. */
export function langOf(accepted: string | undefined): 'zh-CN' | 'en' {
  return /^zh/i.test(accepted ?? '') ? 'zh-CN' : 'en'
}

export interface Page {
  title: string
  lang: string
  style: string
  /** Runs as a module script. */
  script?: string
  body: Markup
}

/** So that its tab differs from the app's. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%231677ff'/%3E%3Cpath d='M3 6h9M9 3l3 3-3 3m4 2H4m3-2-3 2 3 2' fill='none' stroke='%23fff' stroke-width='1.5'/%3E%3C/svg%3E"

/** A whole page that loads and runs only its own style and script. */
export function pageAnswer({ title, lang, style, script, body }: Page, status = 200): Answer {
  const nonce = randomBytes(16).toString('base64')
  const code = script ? `<script type="module" nonce="${nonce}">${script}</script>` : ''
  const text = `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="${ICON}">
<title>${render(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
${body.text}
${code}
</body>
</html>
`
  const source = `'nonce-${nonce}'`
  const policy = [
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'; img-src data:",
    `style-src ${source}; script-src ${source}`,
  ].join('; ')
  const headers = {
    'content-type': 'text/html;charset=utf-8',
    'content-security-policy': policy,
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
  return { status, headers, body: text }
}

function render(part: Part): string {
  if (Array.isArray(part)) return part.map(render).join('')
  if (part instanceof Markup) return part.text
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
