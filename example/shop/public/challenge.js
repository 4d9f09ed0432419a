// Moves the puzzle piece with its slider, validates forms before they are sent, counts down to the
// time when another code may be requested, and says when time is up. Everything also works without
// this script.
const byId = (id) => document.getElementById(id)

function followPiece(puzzle, slider, piece) {
  const [width, pieceWidth] = [Number(puzzle.dataset.width), Number(puzzle.dataset.piece)]
  const follow = () => {
    piece.style.left = `${(slider.value / width) * 100}%`
  }
  puzzle.style.setProperty('--thumb', `${(pieceWidth / width) * 100}cqw`)
  puzzle.classList.add('live')
  slider.addEventListener('input', follow)
  follow()
}

/** Shows the message where the server would show it too. */
function tell(field, text) {
  const [id] = field.getAttribute('aria-describedby').split(' ')
  byId(id).textContent = text
  if (text) field.setAttribute('aria-invalid', 'true')
  else field.removeAttribute('aria-invalid')
}

function isWrong(field) {
  if (field.type === 'range') return Number(field.value) === 0
  const shown = field.checkVisibility?.() ?? true
  if (field.type === 'checkbox') return shown && !field.checked
  return shown && (field.value.trim() === '' || field.validity.patternMismatch)
}

function checkBeforeSending(form) {
  const fields = [...form.querySelectorAll('[data-wrong]')]
  for (const field of fields) field.addEventListener('input', () => tell(field, ''))
  form.addEventListener('submit', (event) => {
    const button = event.submitter
    if (button?.formNoValidate) return
    if (button?.hasAttribute('aria-disabled')) return event.preventDefault()
    for (const field of fields) tell(field, isWrong(field) ? field.dataset.wrong : '')
    const first = fields.find(isWrong)
    if (first) {
      event.preventDefault()
      first.focus()
    } else button?.setAttribute('aria-disabled', 'true') // a double click submits once
  })
}

function countDown(resend) {
  const [count, again, news] = ['count', 'again', 'news'].map(byId)
  const end = Date.now() + Number(resend.dataset.wait) * 1000
  const show = () => {
    const left = Math.ceil((end - Date.now()) / 1000)
    count.textContent = resend.dataset.count.replace('{n}', Math.max(0, left))
    count.hidden = left <= 0
    again.hidden = left > 0
    if (left > 0) return
    clearInterval(ticking)
    if (Number(resend.dataset.wait) > 0) news.textContent = resend.dataset.ready
  }
  const ticking = setInterval(show, 250)
  show()
}

function tellWhenOver(challenge) {
  setTimeout(
    () => {
      const over = byId('over')
      over.append(over.querySelector('template').content)
      document.title = `${over.querySelector('h1').textContent} · ${document.title.split(' · ').pop()}`
      for (const part of challenge.children) part.hidden = part !== over
    },
    Math.max(0, Number(challenge.dataset.left)),
  )
}

const puzzle = byId('puzzle')
const resend = byId('resend')
if (puzzle) followPiece(puzzle, byId('x'), byId('piece'))
if (resend) countDown(resend)
for (const form of document.querySelectorAll('.challenge form')) checkBeforeSending(form)
tellWhenOver(byId('challenge'))

// enable the buttons again on a page that the back button restores
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('[aria-disabled]')) {
    button.removeAttribute('aria-disabled')
  }
})
