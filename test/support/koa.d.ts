// The types of Koa that example/koa.ts needs. @types/koa 3.0 needs the types of another version of
// content-disposition than Express 5, and this repository compiles without skipLibCheck.
declare module 'koa' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Context {
    req: IncomingMessage
    res: ServerResponse
    readonly ip: string
    readonly secure: boolean
    readonly originalUrl: string
    readonly method: string
    readonly path: string
    body: unknown
    redirect(url: string): void
  }

  export type Middleware = (ctx: Context, next: () => Promise<unknown>) => unknown

  export default class Koa {
    use(middleware: Middleware): this
    listen(port: number, listening: () => void): unknown
  }
}
