/** A combination that was run. */
export interface Row {
  /** The combination: the first column of the table. */
  what: string
  /** The installed versions. */
  versions: string
  works: boolean
  /** It does not work as documented, and failed at once with a clear error. */
  known?: boolean
  /** The error if it does not work, or else what to know. */
  note?: string
}

/** A part of the table. */
export interface Part {
  title: string
  rows: Row[]
}

/** The tables as Markdown, and the number of combinations that do not work. */
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

/** The last lines of a process's output as one. */
export function lastWords(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ').replace(/\s+/g, ' ').slice(0, 300)
}
