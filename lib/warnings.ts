const given = new WeakMap<object, Set<string>>()

/** One warning of the process for each strategy and code: `node --trace-warnings` shows where from. */
export function warnOnce(owner: object, code: string, message: string): void {
  const codes = given.get(owner) ?? new Set()
  given.set(owner, codes)
  if (codes.has(code)) return
  codes.add(code)
  process.emitWarning(message, { type: 'OneAccessWarning', code })
}
