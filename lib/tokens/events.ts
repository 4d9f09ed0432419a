import { channel } from 'node:diagnostics_channel'
import type { Step } from '../errors.js'
import type { EndReason } from './record.js'

/** Published on `passport-oneaccess-alipay:login` when a login ends, whether it succeeded or not. */
export interface LoginEvent {
  flow: string
  outcome: 'success' | 'fail' | 'error'
  /** The code of `info` or of the error; `app` for an error from the app's own code. */
  code?: string
  /** OneAccess's own error code, or Alipay's. */
  errorCode?: string
  /** For an error: the call or component where it occurred. */
  step?: Step
  /** For an error: the HTTP status of OneAccess's response. */
  httpStatus?: number
  /** For an error: what to do about it. */
  hint?: string
  /** What is wrong on the app's side, such as a `verify` that gives `true` as the user. */
  detail?: string
  /** Milliseconds. */
  duration: number
}

/** Published on `passport-oneaccess-alipay:refresh`. `login` identifies the record, and gives no access to it. */
export interface RefreshEvent {
  login: string
  outcome: 'renewed' | 'joined' | 'failed'
  /** Whether OneAccess was called. A failure without a call means that the next attempt is not due yet. */
  called: boolean
  /** Whether OneAccess returned a new session token. */
  rotated?: boolean
  /** The code of the error. */
  code?: string
  /** Milliseconds. */
  duration: number
}

/** Published on `passport-oneaccess-alipay:save`, about a refresh that the store could not save at once. */
export interface SaveEvent {
  login: string
  /** `held`: this process serves it until it is saved. `saved`: it was saved later. `given_up`: it never will be. */
  outcome: 'held' | 'saved' | 'given_up'
}

/** Published on `passport-oneaccess-alipay:store`, for each operation of the token store. */
export interface StoreEvent {
  operation: 'read' | 'write' | 'lease'
  outcome: 'done' | 'failed'
  /** Milliseconds. */
  duration: number
}

/** Published on `passport-oneaccess-alipay:end` when a login ends. */
export interface EndEvent {
  login: string
  reason: EndReason
}

/** Published on `passport-oneaccess-alipay:logout` after an attempt to end the session at OneAccess. */
export interface LogoutEvent {
  login: string
  outcome: 'done' | 'failed'
  /** The code of the error. */
  code?: string
}

/** Published on `passport-oneaccess-alipay:unreadable` about a record that this process cannot read. */
export interface UnreadableEvent {
  /** Identifies the key in the store, and gives no access to it. */
  key: string
  /** Encrypted with a secret that is not configured, in a newer format, or damaged. */
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

/** Whether there is a subscriber to the store's operations, of which there are many. */
export function isStoreWatched(): boolean {
  return channels.store.hasSubscribers
}

/** Publishes on `node:diagnostics_channel`. No event contains a secret. */
export const publish = {
  login: (event: LoginEvent) => channels.login.publish(event),
  refresh: (event: RefreshEvent) => channels.refresh.publish(event),
  logout: (event: LogoutEvent) => channels.logout.publish(event),
  end: (event: EndEvent) => channels.end.publish(event),
  save: (event: SaveEvent) => channels.save.publish(event),
  store: (event: StoreEvent) => channels.store.publish(event),
  unreadable: (event: UnreadableEvent) => channels.unreadable.publish(event),
}
