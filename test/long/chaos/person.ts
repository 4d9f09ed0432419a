import { Agent, type IncomingHttpHeaders, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 1_000 })

export interface Page {
  status: number
  headers: IncomingHttpHeaders
  /** The body as JSON; empty if it is not JSON. */
  json: { code?: string; message?: string; wasGood?: boolean; read?: number; waited?: number }
}

/** A user with a browser, and so one session of the app. */
export class Person {
  readonly id: string
  /** The app's message if it says that the user is no longer logged in. */
  loggedOutBy: string | undefined
  #cookie = ''

  constructor(id: string) {
    this.id = id
  }

  /** Logs in through Alipay's consent page. */
  async logIn(app: string): Promise<void> {
    const begun = await this.ask(app, 'GET', '/login')
    const form = new URLSearchParams({ person: this.id, decision: 'agree' }).toString()
    const agreed = await send('POST', begun.headers.location ?? '', '', form)
    const { search } = new URL(agreed.headers.location ?? '')
    const back = await this.ask(app, 'GET', `/callback${search}`)
    const me = await this.ask(app, 'GET', '/me')
    if (me.status !== 200) throw new Error(`${this.id} cannot log in: ${back.status}`)
  }

  /** Rejects if the process stops before it responds. */
  async ask(app: string, method: 'GET' | 'POST', path: string): Promise<Page> {
    const page = await send(method, app + path, this.#cookie)
    const set = page.headers['set-cookie']?.find((one) => one.startsWith('connect.sid='))
    if (set) this.#cookie = set.split(';')[0] ?? ''
    if (page.status === 401) this.loggedOutBy ??= page.json.message ?? `${method} ${path}: 401`
    return page
  }
}

function send(method: string, url: string, cookie: string, form?: string): Promise<Page> {
  const headers = {
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
    ...(cookie === '' ? {} : { cookie }),
    ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent, timeout: 30_000 }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('error', reject)
      incoming.on('end', () => {
        const { statusCode = 0, headers } = incoming
        resolve({ status: statusCode, headers, json: text.startsWith('{') ? JSON.parse(text) : {} })
      })
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no response in 30 seconds')))
    outgoing.on('error', reject)
    outgoing.end(form)
  })
}
