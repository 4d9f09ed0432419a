import { cpus, totalmem } from 'node:os'
import type { Spread } from './statistics.js'

/** One measured thing. */
export interface Row {
  what: string
  /** What must be reached, in words; absent where nothing is promised. */
  required?: string
  reached: string
  /** Half of the rounds lie within. */
  spread?: string
  /** Whether it is reached; absent where nothing is promised. */
  ok?: boolean
}

/** Rows that belong together. */
export interface Section {
  title: string
  /** How it was measured, in a sentence or two. */
  how: string
  rows: Row[]
}

/** A row that must not be over a bound. */
export function atMost(what: string, value: Spread, bound: number, unit = ''): Row {
  return bounded(what, value, unit, `at most ${bound}${unit}`, value.median <= bound)
}

/** A row that must not be under a bound. */
export function atLeast(what: string, value: Spread, bound: number, unit = ''): Row {
  return bounded(what, value, unit, `at least ${bound}${unit}`, value.median >= bound)
}

/** A row that must be under a bound. */
export function below(what: string, value: Spread, bound: number, unit = ''): Row {
  return bounded(what, value, unit, `below ${bound}${unit}`, value.median < bound)
}

/** A row of which nothing is promised. */
export function seen(what: string, value: Spread, unit = ''): Row {
  const { reached, spread } = bounded(what, value, unit, '', true)
  return { what, reached, ...(spread === undefined ? {} : { spread }) }
}

/** A row that is true or not. */
export function exactly(what: string, required: string, reached: string): Row {
  return { what, required, reached, ok: required === reached }
}

function bounded(what: string, value: Spread, unit: string, required: string, ok: boolean): Row {
  const { median, low, high } = value
  const spread = `${short(low)} to ${short(high)}${unit}`
  return { what, required, reached: `${short(median)}${unit}`, spread, ok }
}

function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits)
}

/** The run as a page. */
export function pageOf(sections: readonly Section[], kind: string, seconds: number): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return [
    '# What the bench measured',
    '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${process.platform} ${process.arch}, ` +
      `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB; \`npm run bench${kind}\`, ${Math.round(seconds)} s. ` +
      'Medians; half of the rounds lie within the spread. Written by the bench.',
    ...sections.flatMap(tableOf),
    '',
  ].join('\n')
}

/** A section by itself. */
export function tableOf({ title, how, rows }: Section): string[] {
  return [
    '',
    `## ${title}`,
    '',
    how,
    '',
    '| what | required | reached | spread | |',
    '|---|---|---|---|---|',
    ...rows.map(({ what, required = '', reached, spread = '', ok }) => {
      const mark = ok === undefined ? '' : ok ? 'yes' : '**no**'
      return `| ${what} | ${required} | ${reached} | ${spread} | ${mark} |`
    }),
  ]
}
