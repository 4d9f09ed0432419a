import type { Answer } from '../transport/answer.js'
import type { Call } from '../transport/calls.js'
import { html, type Markup, pageAnswer } from './html.js'

/** The calls so far, newest first. */
export function consolePage(calls: readonly Call[]): Answer {
  const body = html`<h1>OneAccess + 支付宝 Alipay,模拟 simulated</h1>
<table><thead><tr><th>#<th>call<th>method<th>path<th>status<th>ms<th>body<th>answer</thead>
<tbody>${[...calls].reverse().map(row)}</tbody></table>`
  return pageAnswer({ title: 'OneAccess simulator', style, body })
}

function row(call: Call): Markup {
  return html`<tr><td>${call.n}<td>${call.endpoint}<td>${call.method}<td>${call.path}
<td>${call.status}<td>${call.ms ?? ''}<td>${shown(call.body)}<td>${shown(call.answer)}</tr>`
}

function shown(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value)
}

const style = `
body{font:14px/1.5 system-ui,sans-serif;margin:1rem}
table{border-collapse:collapse}
td,th{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
`
