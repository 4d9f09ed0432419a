import type { Language } from '../../lib/messages.js'
import type { ConsolePoint } from './console.js'
import type { Finding, Words } from './finding.js'
import { nameOf } from './names.js'

const RESULTS = ['error', 'warning', 'ok', 'skipped'] as const
const WIDEST_NAME = 25

const RESULT_NAMES: Record<Finding['result'], Words> = {
  error: { en: 'error', zh: '错误' },
  warning: { en: 'warning', zh: '警告' },
  ok: { en: 'ok', zh: '正常' },
  skipped: { en: 'skipped', zh: '跳过' },
}

const AT_THE_CONSOLES: Words = {
  en: 'To check by hand in the consoles of OneAccess and Alipay:',
  zh: '以下各项无法通过调用检查，请到 OneAccess 和支付宝的控制台逐项核对：',
}

/** The doctor's whole output. */
interface Report {
  findings: readonly Finding[]
  console: readonly ConsolePoint[]
}

/** The number of findings by result. */
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

/** For people: one line for each finding, and below it what to change. */
export function asText({ findings, console }: Report, language: Language): string {
  const counts = countsOf(findings)
  const lines = findings.flatMap(({ result, about, says, change }) => [
    `  ${padded(RESULT_NAMES[result][language], 9)} ${padded(nameOf(about, language), WIDEST_NAME)} ${says[language]}`,
    ...(change === undefined
      ? []
      : [`  ${padded('', 9 + 1 + WIDEST_NAME)} -> ${change[language]}`]),
  ])
  const points = console.map(({ about, says }) =>
    language === 'zh' ? `  - ${says.zh}` : `  - ${about}: ${says.en}`,
  )
  const summary = RESULTS.filter((result) => counts[result] > 0)
    .map((result) =>
      language === 'zh'
        ? `${counts[result]} 项${RESULT_NAMES[result].zh}`
        : `${counts[result]} ${RESULT_NAMES[result].en}`,
    )
    .join(language === 'zh' ? '，' : ', ')
  const atConsoles = points.length === 0 ? [] : [AT_THE_CONSOLES[language], ...points, '']
  return [...lines, '', ...atConsoles, summary, ''].join('\n')
}

/** A Chinese character takes two columns. */
function padded(text: string, width: number): string {
  const wide = text.match(/[\u3000-\u9fff\uff00-\uffef]/g)?.length ?? 0
  return text.padEnd(width - wide)
}

/**
 * For programs: one JSON object, its keys and `about` in English. `ok` is true if the exit code is
 * 0.
 */
export function asJSON({ findings, console }: Report, language: Language): string {
  const counts = countsOf(findings)
  const translated = findings.map((finding) => inLanguage(finding, language))
  const points = console.map(({ about, says }) => ({ about, says: says[language] }))
  const all = { ok: counts.error === 0, counts, findings: translated, console: points }
  return `${JSON.stringify(all, null, 2)}\n`
}

export function inLanguage({ change, ...finding }: Finding, language: Language): Finding<string> {
  const translated = { ...finding, says: finding.says[language] }
  return change === undefined ? translated : { ...translated, change: change[language] }
}
