import { timers } from './timers.js'

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    timers.setTimeout(resolve, milliseconds)
  })
}
