import { consentPage, openInWalletPage, refusedPage } from '../pages/consent.js'
import { langOf } from '../pages/html.js'
import type { Person } from '../people.js'
import type { Answer } from '../transport/answer.js'
import type { Received } from '../transport/received.js'
import type { Words } from '../words.js'
import type { World } from '../world.js'
import { addressProblem } from './addresses.js'

/** The path of the consent page. */
export const AUTHORIZE_PATH = '/oauth2/publicAppAuthorize.htm'

const STATE = /^[A-Za-z0-9+/=]{1,100}$/

/**
 * The parameters that an app sends to Alipay's consent page (docs/wire.md#alipays-consent-page).
 */
interface ConsentRequest {
  appID: string
  scope: string
  redirectURI: string
  state: string
}

/** `GET /oauth2/publicAppAuthorize.htm`: the page on which a person agrees or refuses. */
export function showConsent(request: Received, world: World): Answer {
  if (isUnsupportedBrowser(request)) return openInWalletPage(request.query, langFor(request))
  const problems = problemsOf(request.query, world)
  if (problems.length > 0) return refusedPage(problems, langFor(request))
  const { redirectURI, scope } = readConsent(request.query)
  const lang = langFor(request)
  return consentPage({ people: world.people, query: request.query, redirectURI, scope, lang })
}

/** `POST` to the same URL with `person` and `decision`, from the page's form or from a test. */
export function decideConsent(request: Received, world: World): Answer {
  if (!isOwnForm(request)) {
    const problem = { en: 'the form was sent by another site', zh: '表单由其他网站提交' }
    return refusedPage([problem], langFor(request), 403)
  }
  if (isUnsupportedBrowser(request)) return openInWalletPage(request.query, langFor(request), 403)
  const problems = problemsOf(request.query, world)
  const form = new URLSearchParams(request.body.toString())
  const person = world.people.find((one) => one.id === form.get('person'))
  const decision = form.get('decision')
  if (decision !== 'agree' && decision !== 'refuse')
    problems.push({ en: 'decision must be agree or refuse', zh: 'decision 必须是 agree 或 refuse' })
  if (decision === 'agree' && !person)
    problems.push({
      en: 'person must be the id of one of the people',
      zh: 'person 不是任何用户的 ID',
    })
  if (problems.length > 0) return refusedPage(problems, langFor(request))
  const asked = readConsent(request.query)
  const location = person && decision === 'agree' ? agreed(asked, person, world) : refused(asked)
  return { status: 302, headers: { location } }
}

/** Agrees without showing the page. Throws for a URL at which Alipay would show its error page. */
export function agreeAt(url: string, person: Person, world: World): string {
  const { origin, pathname, searchParams } = new URL(url)
  if (origin !== world.identity.url) throw new TypeError(`${origin} is not this simulator`)
  const problems = problemsOf(searchParams, world).map(({ en }) => en)
  if (pathname !== AUTHORIZE_PATH) problems.unshift(`${pathname} is not the consent page`)
  if (problems.length > 0) throw new TypeError(`the consent page refuses: ${problems.join('; ')}`)
  return agreed(readConsent(searchParams), person, world)
}

function langFor(request: Received) {
  return langOf(request.headers.get('accept-language'))
}

const PHONE = /Android|iPhone|iPad|iPod|Mobile|(Phone|Tablet); OpenHarmony/

/**
 * Alipay's page works on a desktop and inside Alipay's own app. WeChat opens none of it, not even
 * on a desktop.
 */
function isUnsupportedBrowser(request: Received): boolean {
  const agent = request.headers.get('user-agent') ?? ''
  return !agent.includes('AlipayClient') && (PHONE.test(agent) || agent.includes('MicroMessenger'))
}

/** A browser sends the origin of a form; other clients send none. */
function isOwnForm(request: Received): boolean {
  const origin = request.headers.get('origin')
  return origin === undefined || origin === `http://${request.headers.get('host')}`
}

function agreed(asked: ConsentRequest, person: Person, { state }: World): string {
  const url = new URL(asked.redirectURI)
  url.searchParams.set('app_id', asked.appID)
  url.searchParams.set('source', 'alipay_wallet')
  url.searchParams.set('scope', asked.scope)
  url.searchParams.set('state', asked.state)
  url.searchParams.set('auth_code', state.codes.issue({ personID: person.id }))
  return url.href
}

/** Undocumented: the least that could come back is the state alone. */
function refused(asked: ConsentRequest): string {
  const url = new URL(asked.redirectURI)
  url.searchParams.set('state', asked.state)
  return url.href
}

function readConsent(query: URLSearchParams): ConsentRequest {
  return {
    appID: query.get('app_id') ?? '',
    scope: query.get('scope') ?? '',
    redirectURI: query.get('redirect_uri') ?? '',
    state: query.get('state') ?? '',
  }
}

/** Everything that is wrong with the query, one sentence each. */
function problemsOf(query: URLSearchParams, world: World): Words[] {
  const { appID, scope, redirectURI, state } = readConsent(query)
  const problems: Words[] = []
  const add = (en: string, zh: string) => problems.push({ en, zh })
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) add(`${name} appears more than once`, `${name} 出现了多次`)
  }
  if (query.has('client_id'))
    add('Alipay expects app_id, not client_id', '支付宝的参数是 app_id，不是 client_id')
  const { alipayAppID } = world.identity
  if (appID !== alipayAppID) {
    const en = `app_id must be that of the Alipay app, ${alipayAppID}`
    add(en, `app_id 与支付宝应用的 APPID（${alipayAppID}）不符`)
  }
  if (!scope.split(',').every((one) => one === 'auth_user' || one === 'auth_base')) {
    const en = 'scope must be auth_user or auth_base, or both separated by a comma'
    add(en, 'scope 只能是 auth_user 或 auth_base，两者都要时以英文逗号分隔')
  }
  if (!STATE.test(state)) {
    const en = 'state must be 1 to 100 characters of the base64 alphabet'
    add(en, 'state 必须是 1 到 100 个字符，且都在 base64 字符集内')
  }
  const wrongAddress = addressProblem('redirect_uri', redirectURI, world.identity.callbackURLs)
  return wrongAddress ? [...problems, wrongAddress] : problems
}
