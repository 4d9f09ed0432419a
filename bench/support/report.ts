import { cpus, loadavg, totalmem } from 'node:os'
import { doubtOf, type Estimate } from './statistics.js'

/** Whether a promise is kept. `unsure`: the interval holds the bound, or the machine was too busy. */
export type Judgement = 'yes' | 'no' | 'unsure'

/** One measured thing. */
export interface Row {
  what: string
  /** What must be reached, in words; absent where nothing is promised. */
  required?: string
  reached: string
  /** Where the median lies, with 95 % confidence. */
  interval?: string
  /** Absent where nothing is promised. */
  judgement?: Judgement
}

/** Rows that belong together. */
export interface Section {
  title: string
  /** How it was measured, in a sentence or two. */
  how: string
  rows: Row[]
  /** One thing against itself in the same rounds; rows that compare times are judged only when it is calm. */
  control?: Estimate
}

/** One thing against itself may differ by so much; on a busier machine nothing that is timed is judged. */
const CALM = 0.05

export function isCalm(control: Estimate): boolean {
  return Math.abs(control.median - 1) <= CALM && doubtOf(control) <= CALM
}

/** A row that must not be over a bound. */
export function atMost(what: string, value: Estimate, bound: number, unit = ''): Row {
  const judgement = value.high <= bound ? 'yes' : value.low > bound ? 'no' : 'unsure'
  return { ...seen(what, value, unit), required: `at most ${bound}${unit}`, judgement }
}

/** A row that must be under a bound. */
export function below(what: string, value: Estimate, bound: number, unit = ''): Row {
  const judgement = value.high < bound ? 'yes' : value.low >= bound ? 'no' : 'unsure'
  return { ...seen(what, value, unit), required: `below ${bound}${unit}`, judgement }
}

/** A row of which nothing is promised. */
export function seen(what: string, { median, low, high }: Estimate, unit = ''): Row {
  const reached = `${short(median)}${unit}`
  return low === high
    ? { what, reached }
    : { what, reached, interval: `${short(low)} to ${short(high)}${unit}` }
}

/** A row that is true or not, on any machine. */
export function exactly(what: string, required: string, reached: string): Row {
  return { what, required, reached, judgement: required === reached ? 'yes' : 'no' }
}

function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits)
}

/** The section as it is judged: where the machine was too busy, no row that is timed is. */
export function judged(section: Section): Section {
  const { control, rows } = section
  if (control === undefined || isCalm(control)) return section
  const unsure = (row: Row): Row =>
    row.interval === undefined || row.judgement === undefined
      ? row
      : { ...row, judgement: 'unsure' }
  return { ...section, rows: rows.map(unsure) }
}

/** Processes that want a processor, on average over the last minute. */
export function loadNow(): number {
  return loadavg()[0] ?? Number.NaN
}

/** The section as what it is: measured while every processor had something else to do. */
export function onBusyMachine(section: Section): Section {
  const how = `As above, while one busy process runs on each CPU. ${section.how}`
  return { ...section, title: `On a busy machine: ${section.title}`, how }
}

/** What a run was, as a whole. */
interface Run {
  /** What was asked for behind `npm run bench`. */
  kind: string
  seconds: number
  /** What else the machine was busy with before the run. */
  load: number
}

/** The run as a page. */
export function pageOf(sections: readonly Section[], { kind, seconds, load }: Run): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return [
    '# Bench results',
    '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${process.platform} ${process.arch}, ` +
      `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB; \`npm run bench${kind}\`, ${Math.round(seconds)} s; ` +
      `load average before the run ${short(load)}. ` +
      'Values are medians of rounds, and ratios are of lower quartiles, each with its 95 % confidence interval. A row is ' +
      '`unsure` if the interval contains the bound, or if the machine was too busy to tell: the sections with timed rows ' +
      'also compare one kind of work with itself, as a control. The bench writes this file.',
    ...sections.flatMap(tableOf),
    '',
  ].join('\n')
}

/** A section by itself. */
export function tableOf({ title, how, rows, control }: Section): string[] {
  return [
    '',
    `## ${title}`,
    '',
    ...(control === undefined ? [how] : [`${how} ${noiseOf(control)}`]),
    '',
    '| what | required | reached | 95 % interval | |',
    '|---|---|---|---|---|',
    ...rows.map(({ what, required = '', reached, interval = '', judgement = '' }) => {
      const mark = judgement === 'no' ? '**no**' : judgement
      return `| ${what} | ${required} | ${reached} | ${interval} | ${mark} |`
    }),
  ]
}

function noiseOf(control: Estimate): string {
  const { median, low, high } = control
  const is = `${short(median)} (${short(low)} to ${short(high)})`
  return isCalm(control)
    ? `Control, one kind of work against itself: ${is}.`
    : `**The machine was too busy to judge**: the control, one kind of work against itself, is ${is}.`
}
