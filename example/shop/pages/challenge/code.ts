import type { Action } from '../../challenge/code.js'
import type { Language } from '../../language.js'
import { html, type Markup } from '../html.js'
import type { View } from '../layout.js'
import { type Common, fieldError, framed } from './frame.js'
import { problemIn, words } from './words.js'

/** The second step: enter the code that was sent. */
export interface Code extends Common {
  /** Where the code was sent; masked for a second factor. */
  to: string
  action: Action
  /** Seconds until it may be sent again. */
  wait: number
}

export function codePage(view: View, code: Code): Markup {
  const { language } = view
  const text = words[language]
  const { status, id, to, action, problem } = code
  const wrong = problem?.code.startsWith('verify_code_') === true
  const [before = '', after = ''] = text.codeLead.split('{to}')
  const lead = html`${before}<strong>${to}</strong>${after}`
  const body = html`<form method="post" action="/challenge" novalidate>
<input type="hidden" name="challenge" value="${id}">
<div class="field"><label for="code">${text.codeLabel}</label>
<input id="code" name="verify_code" class="code" inputmode="numeric" autocomplete="one-time-code"
maxlength="12" pattern="\\s*([0-9A-Za-z０-９]\\s*){4,10}" autofocus aria-describedby="code-error"
${wrong && html`aria-invalid="true"`} data-wrong="${problemIn({ code: 'verify_code_malformed', status: 400 }, language)}">
${fieldError('code-error', wrong ? problem : undefined, language)}</div>
<button class="solid">${status === 'MFA_AUTH' ? text.finish.MFA_AUTH : text.finish[action]}</button>
</form>
${resend(code, language)}
${status !== 'MFA_AUTH' && otherContact(code, language)}`
  return framed(view, code, { step: 2, title: text.codeTitle, lead, body })
}

/** Without a script the link is always there, and the server says if it is too early. */
function resend({ wait }: Code, language: Language): Markup {
  const text = words[language]
  return html`<p class="resend" id="resend" data-wait="${wait}" data-count="${text.count}" data-ready="${text.ready}">${text.missed}<span id="count" role="timer" hidden></span><a id="again" href="/challenge?again">${text.resend}</a></p>
<p class="unseen" id="news" role="status"></p>`
}

/** OneAccess does not say whether the code or the contact was wrong. */
function otherContact({ action, problem }: Code, language: Language): Markup {
  const text = words[language]
  const refused = problem?.code === 'verify_code_wrong'
  return html`<p class="resend">${refused && text.notThere[action]}<a href="/challenge?again">${text.other}</a></p>`
}
