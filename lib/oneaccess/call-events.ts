import { channel } from 'node:diagnostics_channel'
import { OneAccessError, type Step } from '../errors.js'
import type { LimitedTransport } from '../transport/limit.js'
import type { HttpCall } from '../transport/message.js'
import { omitUndefined } from '../util/omit-undefined.js'

/** What is told on `passport-oneaccess-alipay:call`, of each call to OneAccess. */
export interface CallEvent {
  step: Step
  outcome: 'answered' | 'failed'
  /** The code of the error. */
  code?: string
  /** OneAccess's own code. */
  errorCode?: string
  /** The HTTP status of a failure, where there was an answer. */
  httpStatus?: number
  /** Milliseconds in all. */
  duration: number
  /** Milliseconds of these in which it waited for a place among the connections. */
  queued: number
  /** Calls under way, and waiting, when it ended. */
  inUse: number
  waiting: number
}

const calls = channel('passport-oneaccess-alipay:call')

/** Does the work, and tells of it when somebody listens; otherwise it costs nothing. */
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
