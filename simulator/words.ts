/** A text in both languages of the simulator's pages and command. */
export type Words = Readonly<Record<'zh' | 'en', string>>

/**
 * A `TypeError` for wrong usage. Its message is in English; the console and the command may show it
 * in Chinese.
 */
export class UsageError extends TypeError {
  readonly #zh: string

  constructor({ en, zh }: Words) {
    super(en)
    this.#zh = zh
  }

  get words(): Words {
    return { en: this.message, zh: this.#zh }
  }
}
