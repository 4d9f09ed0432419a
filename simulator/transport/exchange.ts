import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../clock.js'
import type { Endpoint } from '../endpoints.js'
import { type Answer, Refusal, strict } from './answer.js'
import type { Call, Calls } from './calls.js'
import { deliver } from './deliver.js'
import { type Fault, type Faults, replacesAnswer } from './faults.js'
import { BODY_LIMIT, type Received, readBody, readHead } from './received.js'
import { shorten, shortenAddress } from './shorten.js'

/** One path of the simulated servers: which call it is, and the handler of each method. */
export interface Route {
  endpoint: Endpoint
  methods: Record<string, (request: Received) => Answer>
}

export interface Exchange {
  clock: Clock
  calls: Calls
  faults: Faults
  /** By path. */
  routes: ReadonlyMap<string, Route>
}

/** Handles one request from head to answer, with the next fault that is queued for it. */
export async function exchange(
  { clock, calls, faults, routes }: Exchange,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now()
  const head = readHead(message)
  const route = routes.get(head.path)
  const call = calls.begin(route?.endpoint ?? 'unknown', head)
  const fault = (route && faults.take(route.endpoint)) ?? {}
  const finish = (status: Call['status'], answer: Answer) =>
    calls.end(call, status, shownAnswer(answer), Math.round(performance.now() - started))
  const body = await readBody(message).catch(() => undefined)
  if (message.errored) return finish('dropped', { status: 0 })
  const request = { ...head, body: body ?? head.body }
  calls.noteBody(call, request)
  if (fault.hold) await Promise.allSettled([fault.hold])
  const answer = replacesAnswer(fault)
    ? scripted(fault)
    : processed(() => (body ? answerTo(route, request) : tooLarge()), fault)
  if (fault.holdAnswer) await Promise.allSettled([fault.holdAnswer])
  if (fault.delay) await sleep(fault.delay, undefined, { ref: false })
  response.setHeader('date', new Date(clock.now()).toUTCString())
  finish(await deliver(response, answer, fault), answer)
}

function answerTo(route: Route | undefined, request: Received): Answer {
  if (!route) throw strict(`there is nothing at ${request.path}`, 404)
  const handler = Object.hasOwn(route.methods, request.method) && route.methods[request.method]
  if (handler) return handler(request)
  const allow = Object.keys(route.methods).join(', ')
  const { answer } = strict(`${request.path} allows ${allow}`, 405)
  return { ...answer, headers: { allow } }
}

function tooLarge(): Answer {
  return {
    ...strict(`the body is larger than ${BODY_LIMIT} bytes`, 413).answer,
    headers: { connection: 'close' },
  }
}

function processed(run: () => Answer, fault: Fault): Answer {
  const answer = settled(run)
  return fault.change ? { ...answer, body: fault.change(structuredClone(answer.body)) } : answer
}

function settled(run: () => Answer): Answer {
  try {
    return run()
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

function scripted(fault: Fault): Answer {
  if (fault.redirect !== undefined) return { status: 302, headers: { location: fault.redirect } }
  const status = fault.status ?? 200
  const scriptedBody = {
    error_code: 'SIMULATOR.FAULT',
    error_msg: `a scripted fault with status ${status}`,
  }
  return { status, body: fault.body === undefined ? scriptedBody : fault.body }
}

function shownAnswer({ headers, body }: Answer): unknown {
  if (typeof headers?.location === 'string') return { location: shortenAddress(headers.location) }
  if (typeof body === 'string' || Buffer.isBuffer(body)) return `(${body.length} bytes)`
  return shorten(body)
}
