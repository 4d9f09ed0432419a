import { Browser } from '../../support/browser.js'
import { openStage, outcomeOn } from './matrix.js'
import type { Subject } from './outcomes.js'
import { Refusal } from './tenant.js'

const WRONG: unknown[] = [
  ...[null, true, 7, -1, 1e308, '', 'x', '你好', 'a\0b\r\nX-Evil: 1', 'x'.repeat(70_000)],
  ...[[], ['a'], {}, { id: 'x' }, JSON.parse('{"__proto__":{"admin":true}}')],
]

/** All outcomes of responses in which one member, at any depth, is missing or has another type. */
export async function wrongTypeOutcomes(subject: Subject): Promise<string[]> {
  const found = new Set<string>()
  const stage = await openStage(subject, {})
  const { answers } = stage.tenant
  const good = answers[subject.endpoint]
  try {
    for (const path of pathsIn(good)) {
      for (const value of [undefined, ...WRONG]) {
        stage.browser = new Browser()
        answers[subject.endpoint] = good
        await subject.prepare?.(stage)
        answers[subject.endpoint] = changed(good, path, value)
        found.add((await outcomeOn(stage, subject)).text)
      }
    }
  } finally {
    await stage.shop.close()
    await stage.tenant.close()
  }
  return [...found].sort()
}

function pathsIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null || value instanceof Refusal) return []
  return Object.entries(value).flatMap(([name, one]) => [
    [name],
    ...pathsIn(one).map((path) => [name, ...path]),
  ])
}

function changed(good: unknown, [name = '', ...rest]: string[], value: unknown): unknown {
  const copy = structuredClone(good) as Record<string, unknown>
  copy[name] = rest.length === 0 ? value : changed(copy[name], rest, value)
  return copy
}
