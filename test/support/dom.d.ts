// The types of the DOM that Playwright's types refer to. The project is compiled without lib.dom, so that
// code for Node cannot use browser globals; Playwright only needs the names to exist.

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
