import { channel } from 'node:diagnostics_channel'
import type { Step } from '../errors.js'
import type { EndReason } from './record.js'

/** What is told on `passport-oneaccess-alipay:login`. */
export interface LoginEvent {
  flow: string
  outcome: 'success' | 'fail' | 'error'
  /** The code of `info`, or of the error; `app` for an error of the app's own. */
  code?: string
  /** OneAccess's own code for the error, or Alipay's. */
  errorCode?: string
  /** Of an error: at which call or part, the HTTP status of OneAccess's answer, and what to do about it. */
  step?: Step
  httpStatus?: number
  hint?: string
  /** What is wrong with the app's own part, such as a `verify` that gives `true` for the user. */
  detail?: string
  /** How long it took, in milliseconds. */
  duration: number
}

/** What is told on `passport-oneaccess-alipay:refresh`. `login` names the record, and opens nothing. */
export interface RefreshEvent {
  login: string
  outcome: 'renewed' | 'joined' | 'failed'
  /** Whether OneAccess was called for it. A failure without a call is one that waits for its next try. */
  called: boolean
  /** Whether OneAccess gave a new session token. */
  rotated?: boolean
  /** The code of the error. */
  code?: string
  duration: number
}

/** What is told on `passport-oneaccess-alipay:save`, of a refresh that the store could not take at once. */
export interface SaveEvent {
  login: string
  /** This process serves it until it is saved; it is saved after all; or it will never be. */
  outcome: 'held' | 'saved' | 'given_up'
}

/** What is told on `passport-oneaccess-alipay:store`, of each call of the token store. */
export interface StoreEvent {
  operation: 'read' | 'write' | 'lease'
  outcome: 'done' | 'failed'
  /** Milliseconds. */
  duration: number
}

/** What is told on `passport-oneaccess-alipay:end`. */
export interface EndEvent {
  login: string
  reason: EndReason
}

/** What is told on `passport-oneaccess-alipay:logout`, of a logout at OneAccess. */
export interface LogoutEvent {
  login: string
  outcome: 'done' | 'failed'
  /** The code of the error. */
  code?: string
}

/** What is told on `passport-oneaccess-alipay:unreadable`, of a record that this process cannot read. */
export interface UnreadableEvent {
  /** Names the store's key, and opens nothing. */
  key: string
  /** Sealed by a secret that is not listed, of a newer format, or damaged. */
  reason: 'sealed' | 'newer' | 'damaged'
}

const channels = {
  login: channel('passport-oneaccess-alipay:login'),
  refresh: channel('passport-oneaccess-alipay:refresh'),
  logout: channel('passport-oneaccess-alipay:logout'),
  end: channel('passport-oneaccess-alipay:end'),
  save: channel('passport-oneaccess-alipay:save'),
  store: channel('passport-oneaccess-alipay:store'),
  unreadable: channel('passport-oneaccess-alipay:unreadable'),
}

/** Whether anybody listens to the calls of the store, of which there are many. */
export function isStoreWatched(): boolean {
  return channels.store.hasSubscribers
}

/** Tells whoever listens on `node:diagnostics_channel`. No event carries a secret. */
export const publish = {
  login: (event: LoginEvent) => channels.login.publish(event),
  refresh: (event: RefreshEvent) => channels.refresh.publish(event),
  logout: (event: LogoutEvent) => channels.logout.publish(event),
  end: (event: EndEvent) => channels.end.publish(event),
  save: (event: SaveEvent) => channels.save.publish(event),
  store: (event: StoreEvent) => channels.store.publish(event),
  unreadable: (event: UnreadableEvent) => channels.unreadable.publish(event),
}
