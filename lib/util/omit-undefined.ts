type WithoutUndefined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Copies an object without the properties that are undefined, as `exactOptionalPropertyTypes` requires. */
export function omitUndefined<T extends object>(fields: T): WithoutUndefined<T> {
  const all = fields as Record<string, unknown>
  const kept: Record<string, unknown> = {}
  // Object.entries would cost more than everything else here
  for (const name of Object.keys(all)) if (all[name] !== undefined) kept[name] = all[name]
  return kept as WithoutUndefined<T>
}
