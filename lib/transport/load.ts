import {
  type Exchange,
  type HttpCall,
  type RawResponse,
  type Transport,
  tooLate,
} from './message.js'

/**
 * A transport that loads in the background while the app starts: axios and undici each take several
 * times as long to load as the rest of this package. Calls that come earlier wait for it.
 */
export function loadTransport(load: () => Promise<Transport>): Transport {
  let ready: Transport | undefined
  const loading = load()
  loading.then(
    (transport) => {
      ready = transport
    },
    () => {}, // each call rejects with it
  )
  return (call, end) => ready?.(call, end) ?? callWhenLoaded(loading, call, end)
}

function callWhenLoaded(loading: Promise<Transport>, call: HttpCall, end: number): Exchange {
  let isCancelled = false
  let exchange: Exchange | undefined
  const send = (transport: Transport): Promise<RawResponse> => {
    if (isCancelled) throw tooLate()
    exchange = transport(call, end)
    return exchange.response
  }
  const cancel = () => {
    isCancelled = true
    exchange?.cancel()
  }
  return { response: loading.then(send), cancel }
}
