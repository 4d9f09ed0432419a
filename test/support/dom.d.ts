// Playwright's types name four of a browser's. The project is compiled without those, so that nothing in
// it takes itself for a page; all that Playwright needs is that the names exist.

interface Node {
  readonly nodeType: number
}

interface HTMLElement extends Node {
  readonly tagName: string
}

interface SVGElement extends Node {
  readonly tagName: string
}

interface HTMLElementTagNameMap {
  readonly html: HTMLElement
}
