import { channel } from 'node:diagnostics_channel'
import type { OneAccessError, Step } from '../errors.js'
import type { LimitedTransport } from '../transport/limit.js'
import type { HttpCall } from '../transport/message.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** Published on `passport-oneaccess-alipay:call`, for each call to OneAccess. */
export interface CallEvent {
  step: Step
  outcome: 'answered' | 'failed'
  /** The code of the error. */
  code?: string
  /** OneAccess's own error code. */
  errorCode?: string
  /** The HTTP status of a failure, if there was a response. */
  httpStatus?: number
  /** Milliseconds, including the time in the queue. */
  duration: number
  /** Milliseconds in the queue, waiting for a connection. */
  queued: number
  /** Calls in progress when this one ended. */
  inUse: number
  /** Calls in the queue when this one ended. */
  waiting: number
}

const calls = channel('passport-oneaccess-alipay:call')

/** Publishes how a call ended. */
type CallEnded = (error?: OneAccessError) => void

/** Starts the event of a call; undefined without a subscriber, so that it costs nothing then. */
export function startCallEvent(call: HttpCall, transport: LimitedTransport): CallEnded | undefined {
  if (!calls.hasSubscribers) return undefined
  const began = performance.now()
  return (error) => {
    const now = performance.now()
    const event: CallEvent = {
      step: call.step,
      outcome: error === undefined ? 'answered' : 'failed',
      ...codesOf(error),
      duration: now - began,
      queued: (call.sentAt ?? now) - began,
      inUse: transport.inUse,
      waiting: transport.waiting,
    }
    calls.publish(event)
  }
}

function codesOf(
  error: OneAccessError | undefined,
): Pick<CallEvent, 'code' | 'errorCode' | 'httpStatus'> {
  if (error === undefined) return {}
  const { code, errorCode, httpStatus } = error
  return omitUndefined({ code, errorCode, httpStatus })
}
