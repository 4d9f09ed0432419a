// The HTTP part of a browser: it keeps cookies by host, and does not follow redirects.

export interface Page {
  status: number
  headers: Headers
  /** The target of a redirect, absolute; empty without one. */
  location: string
  text: string
  json(): unknown
}

export class Browser {
  readonly #jars = new Map<string, Map<string, string>>()
  readonly headers: Record<string, string>

  constructor(headers: Record<string, string> = {}) {
    this.headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)', ...headers }
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(url, { headers })
  }

  /** Posts a form. */
  post(url: string, form: Record<string, string> = {}): Promise<Page> {
    return this.#send(url, { method: 'POST', body: new URLSearchParams(form) })
  }

  postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  }

  /** Another browser with the same cookies, such as a thief of cookies has. */
  clone(): Browser {
    const other = new Browser(this.headers)
    for (const [host, jar] of this.#jars) other.#jars.set(host, new Map(jar))
    return other
  }

  cookie(url: string, name: string): string | undefined {
    return this.#jarOf(url).get(name)
  }

  /** The cookies as a header, for a request that this class cannot send. */
  cookieHeader(url: string): { cookie: string } {
    return { cookie: [...this.#jarOf(url)].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  async #send(url: string, init: RequestInit): Promise<Page> {
    const jar = this.#jarOf(url)
    const { cookie } = this.cookieHeader(url)
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...this.headers, ...(cookie ? { cookie } : {}), ...(init.headers as object) },
    })
    for (const line of response.headers.getSetCookie()) keep(jar, line)
    const location = response.headers.get('location')
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      location: location === null ? '' : new URL(location, url).href,
      text,
      json: () => JSON.parse(text),
    }
  }

  #jarOf(url: string): Map<string, string> {
    const { host } = new URL(url)
    const jar = this.#jars.get(host) ?? new Map<string, string>()
    this.#jars.set(host, jar)
    return jar
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const [name = '', value = ''] = pair.split(/=(.*)/s)
  const isExpired = attributes.some((one) => /^\s*(max-age=0|expires=.*\b1970\b)/i.test(one))
  if (isExpired) jar.delete(name)
  else jar.set(name, value)
}
