import dns from 'node:dns'
import sinon from 'sinon'

/** Replaces the DNS addresses of `localhost` with `list`. */
export class Addresses {
  list = ['127.0.0.1']
  readonly #stub: sinon.SinonStub

  constructor() {
    const lookup = dns.lookup as (...args: unknown[]) => void
    this.#stub = sinon.stub(dns, 'lookup') as unknown as sinon.SinonStub
    this.#stub.callsFake((name: string, ...rest: unknown[]) => {
      if (name !== 'localhost') return lookup(name, ...rest)
      const callback = rest.pop() as (error: null, found: object[]) => void
      callback(
        null,
        this.list.map((address) => ({ address, family: 4 })),
      )
    })
  }

  close(): void {
    this.#stub.restore()
  }
}
