/*
 * Types for an app that has none: pnpm puts this package's `@types` beside this package alone. The
 * compiler consults a pattern only when it has found no declaration, so whatever an app or a host has
 * of its own stays as it is. `e*xpress` is the one pattern form that fits `express`, and not
 * `express-anything`; here inside, the plain name leads to what stands beside this package.
 */

declare module 'e*xpress' {
  import express = require('express')
  export = express
}

declare module 'e*xpress-session' {
  import session = require('express-session')
  export = session
}

declare module 'p*assport' {
  import passport = require('passport')
  export = passport
}
