// As much of Koa's types as example/koa.ts needs: those of @types/koa 3.0 need the types of another
// content-disposition than Express 5 brings, and this repository checks the types of its libraries too.
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
