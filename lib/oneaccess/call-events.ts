import { channel } from 'node:diagnostics_channel'
import { OneAccessError, type Step } from '../errors.js'
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

/** Does the work, and publishes an event about it; costs nothing without a subscriber. */
export function withCallEvent<T>(
  call: HttpCall,
  transport: LimitedTransport,
  work: (call: HttpCall) => Promise<T>,
): Promise<T> {
  if (!calls.hasSubscribers) return work(call)
  const began = performance.now()
  const publish = (result: Pick<CallEvent, 'outcome' | 'code' | 'errorCode' | 'httpStatus'>) => {
    const now = performance.now()
    const event: CallEvent = {
      step: call.step,
      ...result,
      duration: now - began,
      queued: (call.sentAt ?? now) - began,
      inUse: transport.inUse,
      waiting: transport.waiting,
    }
    calls.publish(event)
  }
  return work(call).then(
    (value) => {
      publish({ outcome: 'answered' })
      return value
    },
    (error: unknown) => {
      publish({ outcome: 'failed', ...codesOf(error) })
      throw error
    },
  )
}

function codesOf(error: unknown): Pick<CallEvent, 'code' | 'errorCode' | 'httpStatus'> {
  if (!(error instanceof OneAccessError)) return {}
  const { code, errorCode, httpStatus } = error
  return omitUndefined({ code, errorCode, httpStatus })
}
