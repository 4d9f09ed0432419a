// A process that computes nothing, as fast as it can, until its parent ends it or is gone.
import { serve } from './child.js'

/** Milliseconds between two looks at whether the parent is still there. */
const SLICE = 50

function spin(): void {
  const end = performance.now() + SLICE
  while (performance.now() < end);
  setImmediate(spin)
}

serve({})
spin()
