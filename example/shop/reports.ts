import { OneAccessError } from 'passport-oneaccess-alipay'

/** Reports errors to the operator without writing one line for each request of an outage. */
export interface Reports {
  /** Writes the first error of its kind at once, and counts the others. */
  report(error: unknown): void
  /** Writes the counts. */
  flush(): void
}

const A_MINUTE = 60_000
/** How many kinds are counted separately; unknown errors may each have a different message. */
const KINDS = 50

/** The message of a `OneAccessError` contains no secret and says what to do. */
export function createReports(
  write: (line: string) => void = (line) => console.error(line),
): Reports {
  const kinds = new Map<string, { line: string; more: number }>()
  let ticking: NodeJS.Timeout | undefined

  const flush = () => {
    for (const [kind, { line, more }] of kinds) {
      if (more === 0) {
        kinds.delete(kind) // none for a minute: the next one is written at once
        continue
      }
      write(`${more} more within a minute: ${line}`)
      kinds.set(kind, { line, more: 0 })
    }
    if (kinds.size > 0) return
    clearInterval(ticking)
    ticking = undefined
  }

  const report = (error: unknown) => {
    const line = error instanceof Error ? error.message : String(error)
    const kind = kindOf(error, line)
    const known = kinds.get(kind) ?? (kinds.size < KINDS ? undefined : kinds.get(OTHERS))
    if (known) {
      known.more += 1
      return
    }
    write(line)
    kinds.set(kinds.size < KINDS ? kind : OTHERS, { line, more: 0 })
    ticking ??= setInterval(flush, A_MINUTE).unref()
  }
  return { report, flush }
}

const OTHERS = 'others'

/** Messages of the same outage differ in details, such as a request id. */
function kindOf(error: unknown, line: string): string {
  return error instanceof OneAccessError ? `${error.code} ${error.step ?? ''}` : line
}
