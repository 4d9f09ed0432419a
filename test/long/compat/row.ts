/** One combination that was really run. */
export interface Row {
  /** With what: a line of the table. */
  what: string
  /** Versions as installed, not as asked for. */
  versions: string
  works: boolean
  /** It does not work, that is documented, and it was seen to say so at once. */
  known?: boolean
  /** What was seen where it does not work, or what to know where it does. */
  note?: string
}

/** A part of the table. */
export interface Part {
  title: string
  rows: Row[]
}

/** Markdown, and how many combinations do not work. */
export function tableOf(parts: readonly Part[]): { text: string; failures: number } {
  const sections = parts.map(({ title, rows }) => {
    const lines = rows.map(({ what, versions, works, known, note }) => {
      const result = works ? 'works' : known ? 'does not fit' : '**does not work**'
      const cells = [what, versions, result, note ?? '']
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
    })
    return [`## ${title}`, '', '| with | versions | | note |', '|---|---|---|---|', ...lines].join(
      '\n',
    )
  })
  const failures = parts
    .flatMap(({ rows }) => rows)
    .filter(({ works, known }) => !works && !known).length
  return { text: `${sections.join('\n\n')}\n`, failures }
}

/** The last lines of what a process has said, in one. */
export function lastWords(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ').replace(/\s+/g, ' ').slice(0, 300)
}
