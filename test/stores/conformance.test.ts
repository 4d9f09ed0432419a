import { MemoryStore } from 'express-session'
import { conformanceTests } from '../../lib/conformance.js'
import { ExpressSessionTokenStore } from '../../lib/stores/express-session.js'
import { MemoryTokenStore } from '../../lib/stores/memory.js'

describe('MemoryTokenStore', () => {
  const store = new MemoryTokenStore()
  for (const { name, run } of conformanceTests(() => store)) it(name, run)
})

describe('ExpressSessionTokenStore', () => {
  const store = new ExpressSessionTokenStore(new MemoryStore())
  for (const { name, run } of conformanceTests(() => store)) it(name, run)
})
