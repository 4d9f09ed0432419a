import type { Problem } from '../../challenge/problem.js'
import type { Demo } from '../../config.js'
import type { Language } from '../../language.js'
import { alipayButton } from '../alipay-button.js'
import { html, type Markup, type Part } from '../html.js'
import { page, type View } from '../layout.js'
import { problemIn, words } from './words.js'

/** What both steps need. */
export interface Common {
  /** `SOCIAL_BIND`, `USER_REGISTER` or `MFA_AUTH`. */
  status: string
  /** Sent with each form, to recognize forms of an older challenge. */
  id: number
  /** Milliseconds until the challenge ends. */
  left: number
  problem: Problem | undefined
}

/** What both steps look like. */
export interface Frame {
  step: 1 | 2
  /** A second factor that follows a finished link. */
  isSecond?: boolean
  title: string
  lead: Part
  body: Markup
}

/** These problems are shown beside their field; the others above the form. */
const AT_FIELD = /^(mobile|email|verify_code|consent)_|^puzzle/

export function framed(view: View, common: Common, frame: Frame): Markup {
  const { language } = view
  const { problem, left } = common
  const text = words[language]
  const { step, isSecond, title, lead, body } = frame
  const shown = html`<section class="panel challenge" id="challenge" data-left="${left}">
<div class="head"><p class="step">${isSecond ? text.last : text.steps.replace('{n}', String(step))}</p>
<h1>${title}</h1><p class="lead">${lead}</p></div>
<div id="over" role="alert"><template><div><span class="mark" aria-hidden="true">!</span>
<h1>${text.over}</h1><p class="lead">${text.overWhy}</p></div>${alipayButton(language, text.restart)}
<a class="quiet" href="/">${text.home}</a></template></div>
${problem && !AT_FIELD.test(problem.code) && html`<div class="problem" role="alert"><p>${problemIn(problem, language)}</p></div>`}
${body}
<p class="ways-out">${text.time}<a href="/auth/alipay">${text.leave}</a></p>
${view.demo && demoNote(view.demo, common.status, step, language)}
</section>`
  const named = problem ? `${text.problem}${title}` : title
  return page(view, { title: named, body: shown, script: 'challenge.js', style: 'challenge.css' })
}

/** The error message beside a field. */
export function fieldError(id: string, problem: Problem | undefined, language: Language): Markup {
  return html`<p class="error" id="${id}" role="alert">${problem && problemIn(problem, language)}</p>`
}

/** Says which contacts work in the demo, and where to find the codes. */
function demoNote(demo: Demo, status: string, step: 1 | 2, language: Language): Markup | undefined {
  const text = words[language]
  if (step === 2) {
    const [before, after] = text.demo.split('{link}')
    return html`<p class="demo-note">${before}<a href="${demo.consoleURL}" target="_blank" rel="noopener">${text.demoLink}</a>${after}</p>`
  }
  if (status === 'MFA_AUTH') return undefined
  return html`<div class="demo-note"><p>${withContacts(text.demoKnown, demo)}</p>
${status === 'USER_REGISTER' && html`<p>${withContacts(text.demoNew, { mobile: '13900001111', email: '' })}</p>`}</div>`
}

/** A text of several lines, with `{mobile}` and `{email}` in it. */
function withContacts(sentence: string, contacts: { mobile: string; email: string }): Part {
  return sentence.split(/\{(mobile|email)\}|(\n)/).map((part) => {
    if (part === '\n') return html`<br>`
    return part === 'mobile' || part === 'email' ? html`<code>${contacts[part]}</code>` : part
  })
}
