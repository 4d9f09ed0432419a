import { OneAccessError } from '../errors.js'
import { isObject } from '../util/json.js'

/** What to do about an error of Redis, by its code. */
const HINTS: Record<string, string> = {
  CLUSTERDOWN: 'the Redis cluster has lost nodes or slots: check CLUSTER INFO',
  CROSSSLOT: 'this Redis is a cluster: pass RedisTokenStore a cluster client',
  LOADING: 'Redis has restarted and is loading its data: wait until it is done',
  MASTERDOWN: 'a replica has lost its master: check the replication of Redis',
  MISCONF: 'Redis cannot write to its disk: check its log',
  MOVED: 'this Redis is a cluster: pass RedisTokenStore a cluster client',
  NOAUTH: 'Redis requires a password: check the user and password of the client',
  NOPERM: 'the Redis user lacks a permission: docs/production.md lists the required ones',
  NOREPLICAS: 'too few replicas follow this master (min-replicas-to-write): check the replicas',
  OOM: 'Redis is out of memory: raise maxmemory, and keep maxmemory-policy at noeviction',
  READONLY:
    'the client writes to a replica: connect to the master, with Sentinel or a cluster client',
  WRONGPASS: 'Redis refused the password: check the user and password of the client',
  WRONGTYPE: 'something else writes to these keys: give RedisTokenStore its own prefix',
}
const CLOSED =
  'the Redis client is closed and will not reconnect: restart this process; call connect() at the start, ' +
  'set reconnectStrategy (redis) or retryStrategy (ioredis) so that the client never gives up, and close it ' +
  'only after drain()'
const UNAVAILABLE = 'the token store is unavailable: check it, and see cause'

/** The error for a store that failed. `error` is what it threw. */
export function storeFailed(detail: string, error?: unknown): OneAccessError {
  const { name, code = '' } = error === undefined ? {} : kindOf(error)
  const known = Object.hasOwn(HINTS, code) ? HINTS[code] : UNAVAILABLE
  const hint = isClosedClient(error) ? CLOSED : known
  return new OneAccessError('store_failed', {
    step: 'store',
    status: 503,
    detail,
    retryAfter: 1,
    hint: `${hint}; nobody was logged out`,
    cause: name && `${name} ${code}`.trim(),
  })
}

/**
 * The errors of node-redis and ioredis for a client that was closed, or that has given up reconnecting.
 * Neither has a code.
 */
function isClosedClient(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.message === 'The client is closed' || error.message === 'Connection is closed.')
  )
}

/** Why this process cannot read a record. */
export type UnreadableReason = 'sealed' | 'newer' | 'damaged'

/**
 * The error for a record that this process cannot read. It does not end the login: another process, or
 * this one with the right settings, can read it.
 */
export function unreadableRecord(reason: UnreadableReason, detail: string): OneAccessError {
  const hints: Record<UnreadableReason, string> = {
    sealed:
      'add the secret that sealed it to tokenStore.secret in every process (docs/production.md, section 6)',
    newer:
      'a newer release wrote it: finish that deployment, or roll back as docs/upgrading.md describes',
    damaged: 'find out what else writes to the token store; a logout removes the record',
  }
  return new OneAccessError(reason === 'damaged' ? 'store_failed' : 'misconfigured', {
    step: 'store',
    status: 503,
    detail: `a record cannot be read: ${detail}`,
    retryAfter: 30,
    hint: `${hints[reason]}; nobody was logged out`,
  })
}

/**
 * The name and the code of a store's error, such as `ReplyError NOPERM` or `DatabaseError 22001`, and
 * nothing else, because messages repeat keys and values.
 */
function kindOf(error: unknown): { name: string; code?: string | undefined } {
  if (typeof error === 'string') return { name: 'string', code: leadingCodeOf(error) }
  if (!(error instanceof Error) && !isObject(error)) return { name: typeof error }
  const { code, message } = error as { code?: unknown; message?: unknown }
  const own = typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? code : undefined
  return { name: nameOf(error), code: own ?? leadingCodeOf(String(message)) }
}

/** The errors of some clients have only the name of their class. */
function nameOf(error: object): string {
  const { name } = error as { name?: unknown }
  const kind = name === undefined || name === 'Error' ? error.constructor?.name : name
  return typeof kind === 'string' && /^\w{1,40}$/.test(kind) ? kind : 'Error'
}

/** Redis 6 and older prefix the error of a command in a script. */
function leadingCodeOf(message: string): string | undefined {
  const [, within] = /^ERR Error running script .{0,200}?: ([A-Z]{3,24}) /s.exec(message) ?? []
  const [leading] = /^([A-Z]{3,24}|[0-9A-Z]{5})(?=[ :]|$)/.exec(message) ?? []
  return within ?? leading
}
