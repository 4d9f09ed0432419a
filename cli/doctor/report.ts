import type { Finding } from './finding.js'

const RESULTS = ['error', 'warning', 'ok', 'skipped'] as const
const WIDEST_NAME = 25

/** How many of each result. */
export function countsOf(findings: readonly Finding[]): Record<Finding['result'], number> {
  const count = (result: Finding['result']) =>
    findings.filter((one) => one.result === result).length
  return {
    ok: count('ok'),
    warning: count('warning'),
    error: count('error'),
    skipped: count('skipped'),
  }
}

/** For people: a line each, and what to change below it. */
export function asText(findings: readonly Finding[]): string {
  const counts = countsOf(findings)
  const lines = findings.flatMap(({ result, about, says, change }) => [
    `  ${result.padEnd(9)} ${about.padEnd(WIDEST_NAME)} ${says}`,
    ...(change === undefined ? [] : [`  ${''.padEnd(9 + 1 + WIDEST_NAME)} -> ${change}`]),
  ])
  const summary = RESULTS.filter((result) => counts[result] > 0)
    .map((result) => `${counts[result]} ${result}`)
    .join(', ')
  return `${lines.join('\n')}\n\n${summary}\n`
}

/** For programs: one JSON object. `ok` says what the exit code says. */
export function asJSON(findings: readonly Finding[]): string {
  const counts = countsOf(findings)
  return `${JSON.stringify({ ok: counts.error === 0, counts, findings }, null, 2)}\n`
}
