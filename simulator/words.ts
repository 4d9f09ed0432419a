/** One text in both languages of the simulator's pages and command. */
export type Words = Readonly<Record<'zh' | 'en', string>>

/** A `TypeError` with its message in English, as all of them; the console and the command may say it in Chinese. */
export class WrongUse extends TypeError {
  readonly #zh: string

  constructor({ en, zh }: Words) {
    super(en)
    this.#zh = zh
  }

  get words(): Words {
    return { en: this.message, zh: this.#zh }
  }
}
