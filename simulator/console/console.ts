import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Control } from '../control.js'
import { langOf } from '../pages/html.js'
import { type Answer, strict } from '../transport/answer.js'
import { deliver } from '../transport/deliver.js'
import { readBody, readHead } from '../transport/received.js'
import { UsageError } from '../words.js'
import { act } from './actions.js'
import { Live } from './live.js'
import { consolePage } from './page.js'

const EVENTS = '/console/events'
const ACTIONS = '/console/actions'

/**
 * The simulator's own page: every call as it happens, and the controls. Its own requests are not
 * listed.
 */
export class Console {
  private readonly control: Control
  private readonly live: Live

  constructor(control: Control) {
    this.control = control
    this.live = new Live(control)
  }

  owns({ method, url }: IncomingMessage): boolean {
    if (method === 'GET') return url === '/' || url === EVENTS
    return method === 'POST' && url === ACTIONS
  }

  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.url === EVENTS) return this.live.attach(response)
    if (message.url === ACTIONS) return void (await deliver(response, await this.act(message), {}))
    const lang = langOf(message.headers['accept-language'])
    await deliver(response, consolePage(this.control, lang), {})
  }

  /**
   * Only the console's own page may change anything: the origin must be this host and the content
   * type JSON, which no form on another site can send.
   */
  private async act(message: IncomingMessage): Promise<Answer> {
    const { headers } = readHead(message)
    const body = await readBody(message)
    const own = headers.get('origin') === `http://${headers.get('host')}`
    if (!own || headers.get('content-type') !== 'application/json') {
      return strict('only the console may send actions', 403).answer
    }
    try {
      act(this.control, JSON.parse(String(body)))
    } catch (error) {
      return strict(whyIn(langOf(headers.get('accept-language')), error)).answer
    }
    this.live.refresh()
    return { status: 204 }
  }
}

function whyIn(lang: ReturnType<typeof langOf>, error: unknown): string {
  if (error instanceof UsageError) return error.words[lang === 'en' ? 'en' : 'zh']
  return error instanceof Error ? error.message : 'the action is malformed'
}
