/** The URLs of the servers of a run. */
export interface Servers {
  redis: string
  mariadb: string
}

const SEQUELIZE = ['connect-session-sequelize', 'sequelize']
const PGLITE_PACKAGES = ['@electric-sql/pglite', '@electric-sql/pglite-socket']

/** Code that runs PostgreSQL in the app's process, at `conString`. */
const PGLITE = `const { PGlite } = await import('@electric-sql/pglite')
      const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket')
      const lite = await PGlite.create('./postgres')
      const server = new PGLiteSocketServer({ db: lite, port: 0, host: '127.0.0.1' })
      const listening = new Promise((resolve) =>
        server.addEventListener('listening', (event) => resolve(event.detail)))
      await server.start()
      const { port } = await listening
      const conString = 'postgres://postgres@127.0.0.1:' + port + '/postgres?sslmode=disable'`

/** Its column for session ids has 36 characters, a limit that both databases enforce. */
const sequelizeStore = (database: string) => `
      const { Sequelize } = await import('sequelize')
      const { default: connect } = await import('connect-session-sequelize')
      const db = new Sequelize(${database})
      const store = new (connect(session.Store))({ db, checkExpirationInterval: -1 })
      await store.sync()`

/** A session store as an app sets it up. `lasts`: whether a login survives the process. */
export interface StoreKind {
  what: string
  packages: string[]
  shown: string[]
  lasts: boolean
  code(servers: Servers): string
}

export const STORES: StoreKind[] = [
  {
    what: "express-session's memory",
    packages: ['express-session'],
    shown: ['express-session'],
    lasts: false,
    code: () => 'return { store: new session.MemoryStore() }',
  },
  {
    what: 'connect-redis, client `redis`',
    packages: ['connect-redis@9', 'redis'],
    shown: ['connect-redis', 'redis'],
    lasts: true,
    code: ({ redis }) => `
      const { RedisStore } = await import('connect-redis')
      const { createClient } = await import('redis')
      const client = await createClient({ url: '${redis}' }).connect()
      return { store: new RedisStore({ client }), close: () => client.close() }`,
  },
  {
    what: 'connect-pg-simple, PostgreSQL (PGlite)',
    packages: ['connect-pg-simple', 'pg', ...PGLITE_PACKAGES],
    shown: ['connect-pg-simple', 'pg', '@electric-sql/pglite'],
    lasts: true,
    code: () => `
      ${PGLITE}
      const { default: connect } = await import('connect-pg-simple')
      const store = new (connect(session))({
        conObject: { connectionString: conString, max: 1 }, // PGlite takes one connection
        createTableIfMissing: true,
        pruneSessionInterval: false,
      })
      const close = async () => { await store.close(); await server.stop(); await lite.close() }
      return { store, close }`,
  },
  {
    what: 'connect-session-sequelize, PostgreSQL (PGlite)',
    packages: [...SEQUELIZE, 'pg', ...PGLITE_PACKAGES],
    shown: [...SEQUELIZE, 'pg', '@electric-sql/pglite'],
    lasts: true,
    code: () => `
      ${PGLITE}
      const pool = { max: 1 } // PGlite takes one connection
      ${sequelizeStore("conString, { logging: false, pool, dialect: 'postgres' }")}
      return { store, close: async () => { await db.close(); await server.stop(); await lite.close() } }`,
  },
  {
    what: 'connect-session-sequelize, MariaDB',
    packages: [...SEQUELIZE, 'mariadb'],
    shown: [...SEQUELIZE, 'mariadb'],
    lasts: true,
    code: ({ mariadb }) => `
      ${sequelizeStore(`'${mariadb}', { logging: false }`)}
      return { store, close: () => db.close() }`,
  },
  {
    what: 'session-file-store',
    packages: ['session-file-store'],
    shown: ['session-file-store'],
    lasts: true,
    code: () => `
      const { default: connect } = await import('session-file-store')
      const FileStore = connect(session)
      return { store: new FileStore({ path: './sessions', retries: 0, logFn() {} }) }`,
  },
]
