/** Runs in the page: inserts what the events bring, and sends what the controls ask for. */
export const script = `
const byID = (id) => document.getElementById(id)
const calls = byID('calls')
let ahead = 0

function setLang(lang) {
  document.documentElement.lang = lang
  document.title = document.querySelector('h1 [lang=' + lang.slice(0, 2) + ']').textContent
  for (const one of document.querySelectorAll('[data-zh]')) {
    const words = lang === 'en' ? one.dataset.en : one.dataset.zh
    if (one.matches('option')) one.textContent = words
    else one.setAttribute('aria-label', words)
  }
  for (const button of document.querySelectorAll('[data-lang]')) {
    button.setAttribute('aria-pressed', String(button.dataset.lang === lang))
  }
  try { localStorage.setItem('lang', lang) } catch {}
}

function elementOf(markup) {
  const template = document.createElement('template')
  template.innerHTML = markup
  return template.content
}

function atEnd(change) {
  const was = calls.scrollHeight - calls.scrollTop - calls.clientHeight < 80
  change()
  if (was) calls.scrollTop = calls.scrollHeight
}

function showCall({ n, html }) {
  const shown = byID('call-' + n)
  const row = elementOf(html)
  if (!shown) return atEnd(() => {
    calls.append(row)
    while (calls.children.length > 200) calls.firstElementChild.remove()
  })
  row.querySelector('details').open = shown.querySelector('details').open
  shown.replaceWith(row)
}

function showSettings(settings) {
  for (const input of document.querySelectorAll('[data-setting]')) {
    if (input === document.activeElement) continue
    const value = settings[input.dataset.setting]
    if (input.type === 'checkbox') input.checked = value
    else input.value = String(value)
  }
}

function showTime() {
  const now = Date.now() + ahead * 1000
  byID('clock').textContent = new Date(now).toLocaleString(document.documentElement.lang)
    + (ahead > 0 ? ' (+' + span(ahead) + ')' : '')
  for (const time of document.querySelectorAll('time[data-until]')) {
    time.textContent = span(Math.max(0, Math.round((Number(time.dataset.until) - now) / 1000)))
  }
}

function span(seconds) {
  const days = Math.floor(seconds / 86400)
  const clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
  const day = document.documentElement.lang === 'en' ? 'd ' : ' 天 '
  return (days ? days + day : '') + clock.map((one) => String(Math.floor(one)).padStart(2, '0')).join(':')
}

async function send(action) {
  const answer = await fetch('/console/actions', {
    method: 'POST', body: JSON.stringify(action),
    headers: { 'content-type': 'application/json', 'accept-language': document.documentElement.lang },
  })
  if (!answer.ok) alert((await answer.json()).error_msg)
}

const events = new EventSource('/console/events')
const on = (name, show) => events.addEventListener(name, ({ data }) => show(JSON.parse(data)))
on('call', showCall)
on('calls', ({ html }) => { calls.replaceChildren(elementOf(html)); calls.scrollTop = calls.scrollHeight })
on('panel', ({ id, html }) => { byID(id).replaceChildren(elementOf(html)); showTime() })
on('settings', showSettings)
on('clock', (clock) => { ahead = clock.ahead; showTime() })
events.onopen = () => { byID('connection').dataset.on = 'true' }
events.onerror = () => { byID('connection').dataset.on = 'false' }

document.addEventListener('click', ({ target }) => {
  const button = target.closest('button')
  if (button?.dataset.lang) setLang(button.dataset.lang)
  if (button?.dataset.do) send({ ...button.dataset })
})
document.addEventListener('change', ({ target: input }) => {
  const name = input.dataset.setting
  if (!name) return
  const isNumber = input.type === 'number' || input.dataset.type === 'number'
  const value = input.type === 'checkbox' ? input.checked : isNumber ? Number(input.value) : input.value
  send({ do: 'setting', name, value })
})
byID('fault').addEventListener('submit', (event) => {
  event.preventDefault()
  const { times, ...fields } = Object.fromEntries(new FormData(event.target))
  send({ do: 'fault', ...fields, times: times === 'always' ? times : Number(times) })
})

let lang
try { lang = localStorage.getItem('lang') } catch {}
setLang(lang ?? document.documentElement.lang)
if (matchMedia('(max-width: 60rem)').matches) {
  for (const section of document.querySelectorAll('aside details')) section.open = false
}
calls.scrollTop = calls.scrollHeight
showTime()
setInterval(showTime, 1000)
`
