import { expect } from 'chai'
import { openOAuth2, openOurs, play, type Scene, type Seen } from '../support/beside-oauth2.js'

const BEFORE = { cart: 'tea' }
const LOGGED_IN = { passport: { user: 'wang' } }
const blocked: Scene['given'] = [null, false, { type: 'notice', message: 'You are blocked.' }]
const welcome: Scene['given'] = [null, { id: 'wang' }, { type: 'notice', message: 'Welcome.' }]
const REFUSED = 'Alipay did not confirm the login. Please try again.'

/** What both must do; `ours` where this package differs, for the reason that the title gives. */
type Case = [title: string, scene: Scene, both: Partial<Seen>, ours?: Partial<Seen>]

const groups: Record<string, Case[]> = {
  'redirects and responses': [
    [
      'redirects to successRedirect',
      { options: { successRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
    ],
    [
      'redirects to failureRedirect',
      { agrees: false, options: { failureRedirect: '/login' } },
      { status: 302, location: '/login', session: BEFORE },
    ],
    [
      'successReturnToOrRedirect works without keepSessionInfo too: ours copies returnTo to the new session',
      { returnTo: '/orders', options: { successReturnToOrRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
      { status: 302, location: '/orders', session: LOGGED_IN },
    ],
    [
      'successReturnToOrRedirect with keepSessionInfo redirects to returnTo and removes it',
      {
        returnTo: '/orders',
        options: { successReturnToOrRedirect: '/home', keepSessionInfo: true },
      },
      { status: 302, location: '/orders', session: { ...BEFORE, ...LOGGED_IN } },
    ],
    [
      "responds to a refused login with Passport's 401 without options",
      { agrees: false },
      { status: 401, body: 'Unauthorized', session: BEFORE },
    ],
    [
      'responds with 403 to a callback that another browser started',
      { foreign: true },
      { status: 403, body: 'Forbidden', session: {} },
    ],
    [
      "failWithError passes Passport's AuthenticationError to the error handler",
      { agrees: false, options: { failWithError: true } },
      { status: 401, body: { name: 'AuthenticationError', message: 'Unauthorized' } },
    ],
    [
      'passes an error from verify to the error handler',
      { given: [new Error('the database is down')] },
      { status: 500, body: { name: 'Error', message: 'the database is down' }, session: BEFORE },
    ],
  ],
  'flash and session messages': [
    [
      'failureFlash: true flashes the message and type from verify',
      { given: blocked, options: { failureFlash: true, failureRedirect: '/login' } },
      { location: '/login', session: { ...BEFORE, flash: { notice: ['You are blocked.'] } } },
    ],
    [
      'failureFlash flashes a string',
      { agrees: false, options: { failureFlash: 'Sorry.' } },
      { status: 401, session: { ...BEFORE, flash: { error: ['Sorry.'] } } },
    ],
    [
      'failureFlash flashes a message with its type',
      { agrees: false, options: { failureFlash: { type: 'warning', message: 'Sorry.' } } },
      { session: { ...BEFORE, flash: { warning: ['Sorry.'] } } },
    ],
    [
      'failureFlash: true flashes our own message on a refused login, because Alipay sends none',
      { agrees: false, options: { failureFlash: true } },
      { session: { ...BEFORE, flash: { error: ['The person refused.'] } } },
      { session: { ...BEFORE, flash: { error: [REFUSED] } } },
    ],
    [
      "failureFlash: true flashes a message for users on an unknown state; passport-oauth2's is for developers",
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
      'failureMessage: true stores the message in the session',
      { given: blocked, options: { failureMessage: true } },
      { status: 401, session: { ...BEFORE, messages: ['You are blocked.'] } },
    ],
    [
      'successFlash: true flashes the message and type from verify',
      { given: welcome, options: { successFlash: true, keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN, flash: { notice: ['Welcome.'] } } },
    ],
    [
      'successFlash is lost with the old session, without keepSessionInfo',
      { options: { successFlash: 'Welcome.' } },
      { session: LOGGED_IN },
    ],
    [
      'successFlash: true flashes nothing without a message',
      { options: { successFlash: true, keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN } },
    ],
    [
      'successMessage stores a string in the session',
      { options: { successMessage: 'Welcome.', keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN, messages: ['Welcome.'] } },
    ],
  ],
  'session and request': [
    [
      'a login discards the session data',
      {},
      { status: 200, body: { user: { id: 'wang' }, authInfo: {} }, session: LOGGED_IN },
    ],
    [
      'keepSessionInfo keeps the session data',
      { options: { keepSessionInfo: true } },
      { session: { ...BEFORE, ...LOGGED_IN } },
    ],
    [
      'session: false logs in for this request only',
      { options: { session: false } },
      { body: { user: { id: 'wang' }, authInfo: {} }, session: BEFORE },
    ],
    [
      'assignProperty logs no one in',
      { options: { assignProperty: 'account' } },
      { body: { account: { id: 'wang' }, authInfo: {} }, session: BEFORE },
    ],
    [
      'assignProperty keeps the current user logged in',
      { already: 'li', options: { assignProperty: 'account' } },
      {
        body: { user: { id: 'li' }, account: { id: 'wang' }, authInfo: {} },
        session: { ...BEFORE, passport: { user: 'li' } },
      },
    ],
    [
      'authorize() keeps the current user logged in',
      { already: 'li', authorize: true },
      {
        body: { user: { id: 'li' }, account: { id: 'wang' }, authInfo: {} },
        session: { ...BEFORE, passport: { user: 'li' } },
      },
    ],
    [
      'authorize() redirects to failureRedirect',
      { already: 'li', authorize: true, agrees: false, options: { failureRedirect: '/accounts' } },
      { status: 302, location: '/accounts', session: { ...BEFORE, passport: { user: 'li' } } },
    ],
    [
      'a login by another user replaces the current user',
      { already: 'li' },
      { body: { user: { id: 'wang' }, authInfo: {} }, session: LOGGED_IN },
    ],
    [
      'state is returned in authInfo',
      { options: { state: { plan: 'pro' } } },
      { body: { user: { id: 'wang' }, authInfo: { state: { plan: 'pro' } } } },
    ],
    [
      'authInfo: false sets no authInfo',
      { options: { authInfo: false } },
      { body: { user: { id: 'wang' } } },
    ],
  ],
  'several strategies in a row': [
    [
      'local, then ours or OAuth2: starts a login when local fails',
      { strategies: ['local', 'it'], options: { successRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
    ],
    [
      'ours or OAuth2, then local: logs in',
      { strategies: ['it', 'local'], options: { successRedirect: '/home' } },
      { status: 302, location: '/home', session: LOGGED_IN },
    ],
    [
      'local, then ours or OAuth2: responds to a refused login with the status of local',
      { strategies: ['local', 'it'], agrees: false },
      { status: 400, body: 'Bad Request' },
    ],
    [
      "ours or OAuth2, then local: responds to a refused login with our status; OAuth2 gives none, so with local's",
      { strategies: ['it', 'local'], agrees: false },
      { status: 400, body: 'Bad Request' },
      { status: 401, body: 'Unauthorized' },
    ],
    [
      'ours or OAuth2, then local: failureFlash flashes the message of the first failure',
      { strategies: ['it', 'local'], given: blocked, options: { failureFlash: true } },
      { status: 400, session: { ...BEFORE, flash: { notice: ['You are blocked.'] } } },
    ],
  ],
  'a custom callback': [
    [
      'gets the user and info, and Passport logs no one in',
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
      'gets false and info for a refused login; ours adds info.code and the status',
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
      'gets false and info when verify returns no user; ours adds info.code',
      { custom: true, given: blocked },
      { body: { error: null, user: false, info: blocked?.[2] } },
      { body: { error: null, user: false, info: { code: 'no_user', ...blocked?.[2] } } },
    ],
  ],
}

/** An app that moves from passport-oauth2 gets the same results. */
describe('OneAccessAlipayStrategy compared with passport-oauth2', () => {
  for (const [group, cases] of Object.entries(groups))
    describe(group, () => {
      for (const [title, scene, both, ours] of cases)
        it(title, async () => {
          expect(await play(openOAuth2, scene), 'passport-oauth2').to.deep.include(both)
          expect(await play(openOurs, scene), 'ours').to.deep.include(ours ?? both)
        })
    })
})
