// Counts down the id_token's lifetime and polls the shop now and then: a request shortly before the
// expiry makes the shop renew the token in the background, and the next response has the new
// expiry.
const pass = document.getElementById('pass')
const count = document.getElementById('count')
const bar = document.getElementById('bar')
const news = document.getElementById('news')
const { asking, renewed, away } = pass.dataset

let expiresAt = Number(pass.dataset.expiresAt) || undefined
let ahead = Number(pass.dataset.now) - Date.now() // how far the shop's clock is ahead
let life = expiresAt && expiresAt - Number(pass.dataset.now)
let renewals = 0
let askedAt = 0
let busy = false

for (const time of document.querySelectorAll('.until time')) {
  const format = { dateStyle: 'long', timeStyle: 'short' }
  const words = new Intl.DateTimeFormat(document.documentElement.lang, format)
  time.textContent = words.format(new Date(time.dateTime))
}

function secondsLeft() {
  return expiresAt === undefined ? 0 : Math.max(0, (expiresAt - Date.now() - ahead) / 1000)
}

function show() {
  const left = secondsLeft()
  const [minutes, seconds] = [Math.floor(left / 60), Math.floor(left % 60)]
  count.textContent = left > 0 ? `${minutes}:${String(seconds).padStart(2, '0')}` : asking
  bar.value = life ? left / (life / 1000) : 0
}

/** Polls often near the expiry and seldom before; never from a hidden tab. */
function isDue() {
  const pause = secondsLeft() < 12 ? 1_500 : 10_000
  return !busy && !document.hidden && Date.now() - askedAt > pause
}

async function poll() {
  busy = true
  askedAt = Date.now()
  try {
    // a login may return no id_token; then the first one is fetched on demand
    if (expiresAt === undefined) await fetch('/token')
    const answer = await fetch('/me')
    if (answer.status === 401) end()
    else if (!answer.ok) news.textContent = away
    else update(await answer.json())
  } catch {
    news.textContent = away
  } finally {
    busy = false
  }
}

/** Logged out elsewhere, or the session has expired: says so, and stops polling. */
function end() {
  clearInterval(ticking)
  document.getElementById('account').remove()
  document.querySelector('.person').remove()
  document.getElementById('login').hidden = false
  const over = document.getElementById('over')
  over.append(over.querySelector('template').content)
  document.title = `${over.querySelector('h1').textContent} · ${document.title.split(' · ').pop()}`
  over.scrollIntoView({ block: 'nearest' })
  for (const price of document.querySelectorAll('.price')) showRegular(price)
}

/** A member's price is for members. */
function showRegular(price) {
  price.querySelector('strong').textContent = price.querySelector('s').lastChild.textContent
  for (const part of price.querySelectorAll('s, .tag')) part.remove()
}

function update(me) {
  ahead = me.now - Date.now()
  if (me.expiresAt === null || me.expiresAt === expiresAt) return
  if (expiresAt !== undefined) {
    renewals += 1
    news.textContent = renewed.replace('{n}', renewals)
    pass.classList.remove('renewed')
    requestAnimationFrame(() => pass.classList.add('renewed'))
  }
  expiresAt = me.expiresAt
  life = me.expiresAt - me.now
  show()
}

function tick() {
  show()
  if (isDue()) poll()
}

document.getElementById('left').hidden = false
const ticking = setInterval(tick, 250)
tick()
