const given = new WeakMap<object, Set<string>>()

/** Emits each warning once per owner; `node --trace-warnings` shows where it comes from. */
export function warnOnce(owner: object, code: string, message: string): void {
  const messages = given.get(owner) ?? new Set()
  given.set(owner, messages)
  if (messages.has(message)) return
  messages.add(message)
  process.emitWarning(message, { type: 'OneAccessWarning', code })
}
