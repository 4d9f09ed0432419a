import sinon from 'sinon'

/** A clock that only the test moves. Promises and sockets are real. */
export function fakeClock(): sinon.SinonFakeTimers {
  return sinon.useFakeTimers({
    now: Date.UTC(2026, 0, 1),
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
}
