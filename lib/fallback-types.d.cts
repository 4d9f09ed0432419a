/*
 * Types for an app that has none, because pnpm makes this package's `@types` visible only to this package.
 * The compiler uses a pattern only if it finds no declaration, so the types that an app or a host has
 * stay as they are. Only a pattern such as `e*xpress` matches `express` but not `express-anything`; inside
 * the pattern, the plain name resolves to this package's own `@types`.
 *
 * The types of express-session are written out here and add nothing to a request: the real ones would also
 * change `req.session` in a host with another kind of session.
 */

declare module 'e*xpress' {
  import express = require('express')
  export = express
}

declare module 'p*assport' {
  import passport = require('passport')
  export = passport
}

declare module 'e*xpress-session' {
  import express = require('express')
  import events = require('node:events')

  function session(options?: session.SessionOptions): express.RequestHandler

  namespace session {
    interface CookieOptions {
      domain?: string | undefined
      encode?: ((value: string) => string) | undefined
      expires?: Date | null | undefined
      httpOnly?: boolean | undefined
      maxAge?: number | null | undefined
      partitioned?: boolean | undefined
      path?: string | undefined
      priority?: 'low' | 'medium' | 'high' | undefined
      sameSite?: boolean | 'lax' | 'strict' | 'none' | undefined
      secure?: boolean | 'auto' | undefined
      signed?: boolean | undefined
    }

    interface SessionOptions {
      cookie?: CookieOptions | ((request: express.Request) => CookieOptions) | undefined
      genid?: ((request: express.Request) => string) | undefined
      name?: string | undefined
      proxy?: boolean | undefined
      resave?: boolean | undefined
      rolling?: boolean | undefined
      saveUninitialized?: boolean | undefined
      secret: string | string[]
      store?: Store | undefined
      unset?: 'destroy' | 'keep' | undefined
    }

    class Cookie {
      constructor(options?: CookieOptions)
      readonly originalMaxAge: number | null
      expires: Date | null | undefined
      maxAge: number | null | undefined
      domain?: string | undefined
      httpOnly?: boolean | undefined
      path?: string | undefined
      sameSite?: boolean | 'lax' | 'strict' | 'none' | undefined
      secure?: boolean | 'auto' | undefined
      serialize(name: string, value: string): string
    }

    interface SessionData {
      cookie: Cookie
    }

    class Session {
      readonly id: string
      cookie: Cookie
      regenerate(callback: Callback): this
      destroy(callback: Callback): this
      reload(callback: Callback): this
      resetMaxAge(): this
      save(callback?: Callback): this
      touch(): this
    }

    /** A callback whose error an app may declare as it likes, as the parameters of a method allow. */
    type Callback<Result extends unknown[] = []> = {
      call(error?: unknown, ...result: Result): void
    }['call']
    type Kept = { [id: string]: SessionData }

    abstract class Store extends events.EventEmitter {
      abstract get(id: string, callback: Callback<[kept?: SessionData | null]>): void
      abstract set(id: string, kept: SessionData, callback?: Callback): void
      abstract destroy(id: string, callback?: Callback): void
      all?(callback: Callback<[kept?: SessionData[] | Kept | null]>): void
      clear?(callback?: Callback): void
      length?(callback: Callback<[count?: number]>): void
      load(id: string, callback: Callback<[kept?: SessionData]>): void
      regenerate(request: express.Request, callback: Callback): void
      createSession(request: express.Request, kept: SessionData): Session & SessionData
      touch?(id: string, kept: SessionData, callback?: () => void): void
    }

    class MemoryStore extends Store {
      get(id: string, callback: Callback<[kept?: SessionData | null]>): void
      set(id: string, kept: SessionData, callback?: Callback): void
      destroy(id: string, callback?: Callback): void
    }
  }

  export = session
}
