import { expect } from 'chai'
import { openOAuth2, openOurs, play, type Scene, type Seen } from '../support/beside-oauth2.js'

const BEFORE = { cart: 'tea' }
const LOGGED_IN = { passport: { user: 'wang' } }
const blocked: Scene['given'] = [null, false, { type: 'notice', message: 'You are blocked.' }]
const welcome: Scene['given'] = [null, { id: 'wang' }, { type: 'notice', message: 'Welcome.' }]
const REFUSED = 'Alipay did not confirm the login. Please try again.'

/** What both come to; `ours` where it differs, and then the title says why. */
type Case = [title: string, scene: Scene, both: Partial<Seen>, ours?: Partial<Seen>]

const groups: Record<string, Case[]> = {
  'redirects and plain answers': [
    [
      'successRedirect',
      { options: { successRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
    ],
    [
      'failureRedirect',
      { agrees: false, options: { failureRedirect: '/login' } },
      { status: 302, location: '/login', session: BEFORE },
    ],
    [
      'successReturnToOrRedirect goes back also without keepSessionInfo: ours carries returnTo over to the new session',
      { returnTo: '/orders', options: { successReturnToOrRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
      { status: 302, location: '/orders', session: LOGGED_IN },
    ],
    [
      'successReturnToOrRedirect with keepSessionInfo goes back, once',
      {
        returnTo: '/orders',
        options: { successReturnToOrRedirect: '/home', keepSessionInfo: true },
      },
      { status: 302, location: '/orders', session: { ...BEFORE, ...LOGGED_IN } },
    ],
    [
      'a refused login without an option is Passport’s own 401',
      { agrees: false },
      { status: 401, body: 'Unauthorized', session: BEFORE },
    ],
    [
      'a callback in a browser that did not begin it is 403',
      { foreign: true },
      { status: 403, body: 'Forbidden', session: {} },
    ],
    [
      'failWithError hands on Passport’s AuthenticationError',
      { agrees: false, options: { failWithError: true } },
      { status: 401, body: { name: 'AuthenticationError', message: 'Unauthorized' } },
    ],
    [
      'an error of verify goes to the error handler',
      { given: [new Error('the database is down')] },
      { status: 500, body: { name: 'Error', message: 'the database is down' }, session: BEFORE },
    ],
  ],
  'flash and session messages': [
    [
      'failureFlash true shows the message and type of verify',
      { given: blocked, options: { failureFlash: true, failureRedirect: '/login' } },
      { location: '/login', session: { ...BEFORE, flash: { notice: ['You are blocked.'] } } },
    ],
    [
      'failureFlash with a text',
      { agrees: false, options: { failureFlash: 'Sorry.' } },
      { status: 401, session: { ...BEFORE, flash: { error: ['Sorry.'] } } },
    ],
    [
      'failureFlash with a type and a message',
      { agrees: false, options: { failureFlash: { type: 'warning', message: 'Sorry.' } } },
      { session: { ...BEFORE, flash: { warning: ['Sorry.'] } } },
    ],
    [
      'failureFlash true of a refused login: ours in its own words, for Alipay sends none',
      { agrees: false, options: { failureFlash: true } },
      { session: { ...BEFORE, flash: { error: ['The person refused.'] } } },
      { session: { ...BEFORE, flash: { error: [REFUSED] } } },
    ],
    [
      'failureFlash true of a foreign state: ours in words for a person, the other’s are for the developer',
      { foreign: true, options: { failureFlash: true } },
      { session: { flash: { error: ['Unable to verify authorization request state.'] } } },
      {
        session: {
          flash: {
            error: [
              'This login is not in progress in this browser: it was started in another browser, or ' +
                'it finished but the response never arrived. Please log in again.',
            ],
          },
        },
      },
    ],
    [
      'failureMessage true keeps the message in the session',
      { given: blocked, options: { failureMessage: true } },
      { status: 401, session: { ...BEFORE, messages: ['You are blocked.'] } },
    ],
    [
      'successFlash true shows the message and type of verify',
      { given: welcome, options: { successFlash: true, keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN, flash: { notice: ['Welcome.'] } } },
    ],
    [
      'successFlash is lost with the old session',
      { options: { successFlash: 'Welcome.' } },
      { session: LOGGED_IN },
    ],
    [
      'successFlash true without a message shows nothing',
      { options: { successFlash: true, keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN } },
    ],
    [
      'successMessage with a text',
      { options: { successMessage: 'Welcome.', keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN, messages: ['Welcome.'] } },
    ],
  ],
  'what is kept, and where': [
    [
      'a login loses what was in the session',
      {},
      { status: 200, body: { user: { id: 'wang' }, authInfo: {} }, session: LOGGED_IN },
    ],
    [
      'keepSessionInfo keeps it',
      { options: { keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN } },
    ],
    [
      'session false logs in for this request',
      { options: { session: false } },
      { body: { user: { id: 'wang' }, authInfo: {} }, session: BEFORE },
    ],
    [
      'assignProperty logs nobody in',
      { options: { assignProperty: 'account' } },
      { body: { account: { id: 'wang' }, authInfo: {} }, session: BEFORE },
    ],
    [
      'assignProperty leaves logged in who was',
      { already: 'li', options: { assignProperty: 'account' } },
      {
        body: { user: { id: 'li' }, account: { id: 'wang' }, authInfo: {} },
        session: { ...BEFORE, passport: { user: 'li' } },
      },
    ],
    [
      'authorize() leaves logged in who was',
      { already: 'li', authorize: true },
      {
        body: { user: { id: 'li' }, account: { id: 'wang' }, authInfo: {} },
        session: { ...BEFORE, passport: { user: 'li' } },
      },
    ],
    [
      'authorize() with failureRedirect',
      { already: 'li', authorize: true, agrees: false, options: { failureRedirect: '/accounts' } },
      { status: 302, location: '/accounts', session: { ...BEFORE, passport: { user: 'li' } } },
    ],
    [
      'a login of somebody else takes the session over',
      { already: 'li' },
      { body: { user: { id: 'wang' }, authInfo: {} }, session: LOGGED_IN },
    ],
    [
      'state comes back in authInfo',
      { options: { state: { plan: 'pro' } } },
      { body: { user: { id: 'wang' }, authInfo: { state: { plan: 'pro' } } } },
    ],
    [
      'authInfo false sets none',
      { options: { authInfo: false } },
      { body: { user: { id: 'wang' } } },
    ],
  ],
  'several strategies in a row': [
    [
      'local, then it: begins where local fails, and logs in',
      { strategies: ['local', 'it'], options: { successRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
    ],
    [
      'it, then local: logs in',
      { strategies: ['it', 'local'], options: { successRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
    ],
    [
      'local, then it: the answer to a refused login is the status of the first',
      { strategies: ['local', 'it'], agrees: false },
      { status: 400, body: 'Bad Request' },
    ],
    [
      'it, then local: ours gives its own status, and the other none, so that local’s is answered',
      { strategies: ['it', 'local'], agrees: false },
      { status: 400, body: 'Bad Request' },
      { status: 401, body: 'Unauthorized' },
    ],
    [
      'it, then local: failureFlash is of the first',
      { strategies: ['it', 'local'], given: blocked, options: { failureFlash: true } },
      { status: 400, session: { ...BEFORE, flash: { notice: ['You are blocked.'] } } },
    ],
  ],
  'a custom callback': [
    [
      'gets the user and info, and nobody is logged in but by the app',
      { custom: true, given: welcome },
      {
        body: {
          error: null,
          user: { id: 'wang' },
          info: { type: 'notice', message: 'Welcome.' },
        },
        session: BEFORE,
      },
    ],
    [
      'gets the error',
      { custom: true, given: [new Error('the database is down')] },
      { body: { error: 'Error: the database is down' } },
    ],
    [
      'gets false for a refused login: with ours, also the code to switch on, and the status',
      { custom: true, agrees: false },
      { body: { error: null, user: false, info: { message: 'The person refused.' } } },
      {
        body: {
          error: null,
          user: false,
          info: { code: 'code_missing', message: REFUSED },
          status: 401,
        },
      },
    ],
    [
      'gets false for nobody’s login: with ours, also the code to switch on',
      { custom: true, given: blocked },
      { body: { error: null, user: false, info: blocked?.[2] } },
      { body: { error: null, user: false, info: { code: 'no_user', ...blocked?.[2] } } },
    ],
  ],
}

/** A login that passport-oauth2's users know from it comes to the same with ours. */
describe('beside passport-oauth2', () => {
  for (const [group, cases] of Object.entries(groups))
    describe(group, () => {
      for (const [title, scene, both, ours] of cases)
        it(title, async () => {
          expect(await play(openOAuth2, scene), 'passport-oauth2').to.deep.include(both)
          expect(await play(openOurs, scene), 'ours').to.deep.include(ours ?? both)
        })
    })
})
