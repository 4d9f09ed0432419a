const given = new WeakMap<object, Set<string>>()

/** One warning for each owner and message: `node --trace-warnings` shows where from. */
export function warnOnce(owner: object, code: string, message: string): void {
  const messages = given.get(owner) ?? new Set()
  given.set(owner, messages)
  if (messages.has(message)) return
  messages.add(message)
  process.emitWarning(message, { type: 'OneAccessWarning', code })
}
