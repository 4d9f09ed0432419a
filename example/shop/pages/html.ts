/** Text that is already markup. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What a template may contain; undefined and false render as nothing. */
export type Part = string | number | Markup | readonly Part[] | undefined | false

/**
 * A template that escapes its values, except for markup. Attribute values need quotes around them.
 */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...parts.map(render)))
}

/** A name or an address that wraps after a dot or an @ if possible, and never before one. */
export function breakable(text: string): Markup {
  return html`${text
    .replaceAll('·', '\u2060·')
    .split(/(?<=[·@.])/)
    .map((part, n) => [n > 0 && html`<wbr>`, part])}`
}

function render(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Markup) return part.text
  if (Array.isArray(part)) return part.map(render).join('')
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
