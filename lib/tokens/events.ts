import { channel } from 'node:diagnostics_channel'
import type { EndReason } from './record.js'

/** What is told on `passport-oneaccess-alipay:login`. */
export interface LoginEvent {
  flow: string
  outcome: 'success' | 'fail' | 'error'
  /** The code of `info`, or of the error; `app` for an error of the app's own. */
  code?: string
  /** OneAccess's own code for the error, or Alipay's. */
  errorCode?: string
  /** What is wrong with the app's own part, such as a `verify` that gives `true` for the user. */
  detail?: string
  /** How long it took, in milliseconds. */
  duration: number
}

/** What is told on `passport-oneaccess-alipay:refresh`. `login` names the record, and opens nothing. */
export interface RefreshEvent {
  login: string
  outcome: 'renewed' | 'joined' | 'failed'
  /** Whether OneAccess gave a new session token. */
  rotated?: boolean
  /** The code of the error. */
  code?: string
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
  unreadable: channel('passport-oneaccess-alipay:unreadable'),
}

/** Tells whoever listens on `node:diagnostics_channel`. No event carries a secret. */
export const publish = {
  login: (event: LoginEvent) => channels.login.publish(event),
  refresh: (event: RefreshEvent) => channels.refresh.publish(event),
  logout: (event: LogoutEvent) => channels.logout.publish(event),
  end: (event: EndEvent) => channels.end.publish(event),
  unreadable: (event: UnreadableEvent) => channels.unreadable.publish(event),
}
