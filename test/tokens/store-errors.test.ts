import { expect } from 'chai'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { RedisTokenStore } from '../../lib/redis.js'
import { storeFailed } from '../../lib/tokens/store-errors.js'

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

const REDIS_ERRORS: [message: string, cause: string, hint: RegExp][] = [
  ['NOPERM this user has no permissions to run the get command', 'ReplyError NOPERM', /lacks a/],
  ["READONLY You can't write against a read only replica.", 'ReplyError READONLY', /a replica/],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'ReplyError OOM', /out of memory/],
  ['LOADING Redis is loading the dataset in memory', 'ReplyError LOADING', /wait/],
  ['CLUSTERDOWN Hash slot not served', 'ReplyError CLUSTERDOWN', /CLUSTER INFO/],
  ['MOVED 3999 127.0.0.1:6381', 'ReplyError MOVED', /cluster client/],
  ['NOAUTH Authentication required.', 'ReplyError NOAUTH', /password/],
  ['WRONGPASS invalid username-password pair', 'ReplyError WRONGPASS', /password/],
  ['WRONGTYPE Operation against a key', 'ReplyError WRONGTYPE', /something else writes/],
  ['MISCONF Redis is configured to save RDB snapshots', 'ReplyError MISCONF', /its log/],
  ['NOREPLICAS Not enough good replicas to write.', 'ReplyError NOREPLICAS', /too few replicas/],
  ['MASTERDOWN Link with MASTER is down', 'ReplyError MASTERDOWN', /lost its master/],
]

describe('storeFailed', () => {
  for (const [message, cause, hint] of REDIS_ERRORS) {
    it(`has a hint for ${cause} that also says that nobody was logged out`, () => {
      const error = storeFailed('write failed', replyError(message))
      expect(error).to.include({ code: 'store_failed', status: 503, retryAfter: 1 })
      expect((error.cause as Error).message).to.equal(cause)
      expect(error.hint).to.match(hint).and.include('nobody was logged out')
    })
  }

  it('finds the error word that Redis 6 prefixes in a script', () => {
    const message =
      'ERR Error running script (call to f_0e5c): @user_script:6: @user_script: 6: ' +
      'NOPERM this user has no permissions to access one of the keys used as arguments'
    const error = storeFailed('write failed', replyError(message))
    expect((error.cause as Error).message).to.equal('ReplyError NOPERM')
    expect(error.hint).to.include('docs/production.md')
  })

  it('repeats nothing else of a message, and has a general hint for unknown words', () => {
    for (const message of ['SECRET:abc tokens:17', 'wrong at oneaccess:tokens:17', 'constructor']) {
      const { hint, cause } = storeFailed('read failed', new Error(message))
      expect(hint).to.match(/^the token store is unavailable/)
      expect(`${hint} ${(cause as Error).message}`).not.to.include('17')
    }
    expect(storeFailed('read took over 1000 ms').cause).to.equal(undefined)
    expect((storeFailed('read failed', 'text').cause as Error).message).to.equal('string')
  })

  class ClientClosedError extends Error {}
  const UNUSUAL: [thrown: unknown, cause: string][] = [
    [new ClientClosedError('The client is closed'), 'ClientClosedError'],
    ['READONLY You cannot write against a replica', 'string READONLY'],
    [{ code: 'ECONNREFUSED', message: 'at 10.0.0.7' }, 'Object ECONNREFUSED'],
    [{ name: 'a name with spaces' }, 'Error'],
    [Object.create(null), 'Error'],
    [7, 'number'],
  ]
  for (const [thrown, cause] of UNUSUAL) {
    it(`has the cause ${cause} for an unusual thrown value`, () => {
      expect((storeFailed('read failed', thrown).cause as Error).message).to.equal(cause)
    })
  }

  it('says that a client of redis or ioredis is closed for good, and needs a reconnectStrategy', async () => {
    const ended = new Redis({ lazyConnect: true })
    ended.disconnect()
    for (const client of [createClient(), ended]) {
      const error = await new RedisTokenStore(client).get('k').then(
        () => expect.fail('a closed client must not answer'),
        (reason: unknown) => storeFailed('read failed', reason),
      )
      expect(error.hint)
        .to.match(/^the Redis client is closed.* restart this process;.*reconnectStrategy/)
        .and.include('nobody was logged out')
    }
    expect(storeFailed('read failed', new Error('closed')).hint).to.match(/^the token store is/)
  })
})
