import { OneAccessError } from 'passport-oneaccess-alipay'

/** What goes wrong, for the operator: an outage must not write a line for each request. */
export interface Reports {
  /** Writes the first of its kind at once; the others are counted. */
  report(error: unknown): void
  /** Writes what has been counted. */
  flush(): void
}

const A_MINUTE = 60_000
/** Kinds that are told apart; messages of unknown errors may be as many as requests. */
const KINDS = 50

/** A `OneAccessError` holds no secret, and says what to do. */
export function createReports(
  write: (line: string) => void = (line) => console.error(line),
): Reports {
  const kinds = new Map<string, { line: string; more: number }>()
  let ticking: NodeJS.Timeout | undefined

  const flush = () => {
    for (const [kind, { line, more }] of kinds) {
      if (more === 0) {
        kinds.delete(kind) // a minute without it: the next one is told at once again
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

/** Messages of one outage differ in their details, such as a request id. */
function kindOf(error: unknown, line: string): string {
  return error instanceof OneAccessError ? `${error.code} ${error.step ?? ''}` : line
}
