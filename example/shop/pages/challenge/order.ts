import type { Typed, Way } from '../../challenge/form.js'
import type { Puzzle } from '../../challenge/puzzle.js'
import type { Language } from '../../language.js'
import { html, type Markup } from '../html.js'
import type { View } from '../layout.js'
import { type Common, fieldError, framed } from './frame.js'
import { headOf, problemIn, words } from './words.js'

/** The first step: where to send the code, and a puzzle to solve before it is sent. */
interface Order extends Common {
  /** The number of a second factor, masked. */
  to: string | undefined
  ways: Way[]
  typed: Typed
  /** Undefined if none can be loaded. */
  puzzle: Puzzle | undefined
  /** The account has just been linked, and a second factor follows. */
  isSecond: boolean
  /** Seconds until another code may be sent to the number of a second factor. */
  wait: number
}

export function orderPage(view: View, order: Order): Markup {
  const { language } = view
  const text = words[language]
  const { status, id, to, isSecond } = order
  const [title, lead] = headOf(status, language)
  const body = html`<form method="post" action="/challenge/code" novalidate>
<input type="hidden" name="challenge" value="${id}">
${status === 'USER_REGISTER' && choice(order, language)}
${to ? html`<p class="known">${text.sentTo} <strong>${to}</strong></p>` : contact(order, language)}
${status === 'USER_REGISTER' && consent(order, language)}
${nextStep(order, language)}
</form>`
  return framed(view, order, {
    step: 1,
    isSecond,
    title,
    lead: isSecond ? `${text.linked}${lead}` : lead,
    body,
  })
}

/** If it is too early for another code, says so before the user solves a puzzle. */
function nextStep(order: Order, language: Language): Markup {
  if (order.wait > 0) return waiting(order.wait, language)
  return order.puzzle ? slider(order.puzzle, order, language) : missing(language)
}

/**
 * With a script the button appears when the wait is over; without one, the page says again how
 * long.
 */
function waiting(wait: number, language: Language): Markup {
  const text = words[language]
  return html`<p class="resend" id="resend" data-wait="${wait}" data-count="${text.count}" data-ready="${text.ready}">${text.justSent}<br>
<span id="count" role="timer">${text.count.replace('{n}', String(wait))}</span></p>
<a class="solid" id="again" href="/challenge?again">${text.goOn}</a>
<p class="unseen" id="news" role="status"></p>`
}

/** The choice between a new and an existing account. */
function choice({ typed }: Order, language: Language): Markup {
  const text = words[language]
  const option = (action: 'register' | 'bind') => html`<label class="option">
<input type="radio" name="action" value="${action}" ${typed.action === action && html`checked`}>
<span><b>${text[action]}</b> <small>${text[`${action}Hint`]}</small></span></label>`
  return html`<fieldset class="options"><legend>${text.who}</legend>${option('register')}${option('bind')}</fieldset>`
}

function contact({ ways, typed, problem }: Order, language: Language): Markup {
  const text = words[language]
  const field = (way: Way, attributes: Markup) => {
    const wrong = problem?.code === `${way}_malformed`
    return html`<div class="field by-${way}"><label for="${way}">${text[`${way}Label`]}</label>
<input id="${way}" name="${way}" value="${typed[way]}" ${attributes} aria-describedby="${way}-error"
${wrong && html`aria-invalid="true" autofocus`} data-wrong="${problemIn({ code: `${way}_malformed`, status: 400 }, language)}">
${fieldError(`${way}-error`, wrong ? problem : undefined, language)}</div>`
  }
  const fields = {
    mobile: html`type="tel" autocomplete="tel" maxlength="40" pattern="[^0-9０-９]*([0-9０-９][^0-9０-９]*){6,}"`,
    email: html`type="email" autocomplete="email" maxlength="254" pattern=".+[@＠].+"`,
  }
  return html`${ways.length > 1 && wayChoice(ways, typed, language)}
${ways.map((way) => field(way, fields[way]))}`
}

function wayChoice(ways: Way[], typed: Typed, language: Language): Markup {
  const text = words[language]
  const option = (way: Way) => html`<label class="option">
<input type="radio" name="way" value="${way}" ${typed.way === way && html`checked`}><span>${text[way]}</span></label>`
  return html`<fieldset class="options"><legend>${text.way}</legend>${ways.map(option)}</fieldset>`
}

/**
 * Consent to open an account; never ticked by default, and hidden by the style for existing
 * customers.
 */
function consent({ typed, problem }: Order, language: Language): Markup {
  const text = words[language]
  const wrong = problem?.code === 'consent_missing'
  return html`<div class="field consent"><label for="consent">
<input id="consent" name="consent" type="checkbox" value="yes" required ${typed.consent && html`checked`}
aria-describedby="consent-error" ${wrong && html`aria-invalid="true" autofocus`}
data-wrong="${problemIn({ code: 'consent_missing', status: 400 }, language)}"><span>${text.consent}</span></label>
${fieldError('consent-error', wrong ? problem : undefined, language)}
<details><summary>${text.privacy}</summary><p>${text.privacyText}</p></details></div>`
}

/**
 * A range input over the picture works with mouse, touch and keyboard; the script moves the piece
 * with it.
 */
function slider(puzzle: Puzzle, { problem }: Order, language: Language): Markup {
  const text = words[language]
  const { token, picture, piece, width, height, pieceWidth } = puzzle
  const wrong = problem?.code === 'puzzle_refused'
  return html`<input type="hidden" name="token" value="${token}">
<div class="field"><label for="x">${text.slide}</label>
<div class="puzzle" id="puzzle" data-width="${width}" data-piece="${pieceWidth}">
<div class="picture"><img src="${picture}" alt="" width="${width}" height="${height}">
<img class="piece" id="piece" src="${piece}" alt="" width="${pieceWidth}" height="${height}"></div>
<div class="rail" aria-hidden="true"></div>
<input id="x" name="x" type="range" min="0" max="${width - pieceWidth}" step="1" value="0"
autocomplete="off" aria-describedby="puzzle-error puzzle-help" data-wrong="${text.unmoved}"
${wrong && html`aria-invalid="true" autofocus`}></div>
${fieldError('puzzle-error', wrong ? problem : undefined, language)}
<p class="help" id="puzzle-help">${text.help}</p>
<noscript><p class="help">${text.still}</p></noscript></div>
<button class="solid">${text.send}</button>
<button class="plain" name="refresh" value="yes" formnovalidate>${text.refresh}</button>`
}

function missing(language: Language): Markup {
  const text = words[language]
  return html`<div class="problem" role="alert"><p>${text.noPuzzle}</p></div>
<button class="solid" name="refresh" value="yes" formnovalidate>${text.reload}</button>`
}
