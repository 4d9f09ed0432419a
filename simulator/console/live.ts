import type { ServerResponse } from 'node:http'
import type { Control } from '../control.js'
import type { Markup } from '../pages/html.js'
import { callRow, SHOWN_CALLS } from './diagram.js'
import { panels } from './panels.js'

const TICK = 1000

/**
 * Sends server-sent events to every open console. The server renders the markup; the page inserts
 * it.
 */
export class Live {
  private readonly viewers = new Set<ServerResponse>()
  private readonly shown = new Map<string, string>()
  private readonly control: Control
  private timer: NodeJS.Timeout | undefined
  private soon: NodeJS.Immediate | undefined

  constructor(control: Control) {
    this.control = control
    control.calls.watch((call) => {
      if (this.viewers.size === 0) return
      if (call) this.send('call', { n: call.n, html: callRow(call).text })
      else this.send('calls', { html: '' })
      this.refreshSoon()
    })
  }

  attach(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    this.viewers.add(response)
    response.on('close', () => this.detach(response))
    // a new viewer gets everything: there may have been calls since its page was rendered
    this.shown.clear()
    const rows = this.control.calls.list.slice(-SHOWN_CALLS).map(callRow)
    this.send('calls', { html: joined(rows) })
    this.refresh()
    // tests and expiry change things without a call
    this.timer ??= setInterval(() => this.refresh(), TICK).unref()
  }

  /** Sends what has changed since the last time. */
  refresh(): void {
    const { settings, clock } = this.control.world
    const ahead = Math.round((clock.now() - Date.now()) / 1000)
    this.sendChanged('settings', { ...settings, tenantID: settings.tenantID ?? '' })
    this.sendChanged('clock', { ahead })
    for (const [id, render] of Object.entries(panels)) {
      this.sendChanged(`panel ${id}`, { id, html: render(this.control).text })
    }
  }

  /** One refresh for all calls in the same turn of the event loop. */
  private refreshSoon(): void {
    this.soon ??= setImmediate(() => {
      this.soon = undefined
      this.refresh()
    })
  }

  private sendChanged(key: string, data: object): void {
    const text = JSON.stringify(data)
    if (this.shown.get(key) === text) return
    this.shown.set(key, text)
    this.send(key.split(' ')[0] ?? key, data)
  }

  private send(event: string, data: object): void {
    for (const viewer of this.viewers) {
      viewer.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    }
  }

  private detach(response: ServerResponse): void {
    this.viewers.delete(response)
    if (this.viewers.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }
}

function joined(rows: Markup[]): string {
  return rows.map(({ text }) => text).join('')
}
