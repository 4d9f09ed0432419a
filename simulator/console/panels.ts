import type { Control } from '../control.js'
import { html, type Markup, say } from '../pages/html.js'
import type { EndedBy, Session } from '../state/sessions.js'
import type { Fault } from '../transport/faults.js'

/** The live parts of the page, by element id. */
export const panels: Record<string, (control: Control) => Markup> = {
  people: ({ world }) =>
    html`${world.people.map(
      (
        person,
      ) => html`<li><span class="avatar" aria-hidden="true">${person.avatar ?? [...person.name][0] ?? ''}</span>
<span class="grow"><b>${person.name}</b> <code>${world.state.accounts.statusOf(person)}</code>
<small>${person.mobile ?? ''} ${person.email ?? ''}</small></span>
${
  world.state.disabled.has(person.id)
    ? html`<small class="tag">${say('已禁用', 'disabled')}</small>`
    : html`<button data-do="disable" data-person="${person.id}">${say('禁用', 'Disable')}</button>`
}</li>`,
    )}`,
  sessions: ({ world }) => {
    const sessions = world.state.sessions.list().slice(-20).reverse()
    if (sessions.length === 0) return nothing('还没有用户登录', 'Nobody is logged in')
    return html`${sessions.map((session) => sessionItem(session, world.state.sessions.endOf(session)))}`
  },
  codes: ({ world }) => {
    const codes = world.state.codesSent.list().slice(0, 10)
    if (codes.length === 0) return nothing('还没有发送过验证码', 'No codes sent yet')
    return html`${codes.map(
      ({ to, type, code }) =>
        html`<li><span class="grow"><code class="code">${code}</code> <small>${to} · ${type}</small></span></li>`,
    )}`
  },
  faults: ({ faults }) => {
    const waiting = faults.waiting()
    if (waiting.length === 0) return nothing('没有等待触发的故障', 'No faults are queued')
    return html`${waiting.map(
      ({ endpoint, fault, left }) =>
        html`<li><span class="grow"><code>${endpoint}</code> ${describe(fault)}</span>
<small>${left === Infinity ? '∞' : `× ${left}`}</small></li>`,
    )}`
  },
}

const ENDED_BY: Record<EndedBy, string> = {
  expired: '已到期',
  reuse: '使用了已轮换的令牌',
  administrator: '由管理员结束',
  disabled: '用户已禁用',
  logout: '已退出登录',
}

function sessionItem(session: Session, endedBy: EndedBy | undefined): Markup {
  const { person, current, refreshes, tokens } = session
  const until = tokens.get(current)?.expiresAt ?? 0
  const state = endedBy
    ? html`<small class="tag">${say(ENDED_BY[endedBy], `ended: ${endedBy}`)}</small>`
    : html`<button data-do="end-sessions" data-person="${person.id}">${say('结束', 'End')}</button>`
  const left = endedBy ? html`` : html` · <time data-until="${until}"></time>`
  return html`<li><span class="grow"><b>${person.name}</b> <code>${current.slice(0, 3)}***${current.slice(-3)}</code>
<small>${say(`刷新 ${refreshes} 次`, `refreshed ${refreshes}×`)}${left}</small></span>${state}</li>`
}

function describe({ times, ...fault }: Fault): string {
  return Object.entries(fault)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? '{…}' : String(value)}`)
    .join(', ')
}

function nothing(zh: string, en: string): Markup {
  return html`<li class="nothing">${say(zh, en)}</li>`
}
