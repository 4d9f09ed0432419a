import { html, type Markup } from './html.js'

// Drawn with presentation attributes only: the content security policy allows no inline style.

function drawing(shapes: Markup): Markup {
  return html`<svg viewBox="0 0 240 160" aria-hidden="true" focusable="false">${shapes}</svg>`
}

const steam = html`<g fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" opacity=".7">
<path d="M106 34c-6-7 6-11 0-19"/><path d="M122 38c-7-8 7-14 0-23"/><path d="M138 34c-6-7 6-11 0-19"/></g>`

/** A glass of green tea with floating leaves. */
export const glass = drawing(html`<ellipse cx="120" cy="143" rx="52" ry="6" opacity=".12"/>
<path d="M84 26h72l-8 112a6 6 0 0 1-6 6H98a6 6 0 0 1-6-6z" fill="#fff" opacity=".55"/>
<path d="M86.5 56h67l-6 80a5 5 0 0 1-5 5h-45a5 5 0 0 1-5-5z" fill="#c6dc7c"/>
<ellipse cx="120" cy="56" rx="33.5" ry="5" fill="#dbe9a3"/>
<g fill="#6f9a35"><path d="M104 134c-9-13-7-28 1-38 7 11 7 26-1 38z"/><path d="M121 136c-8-16-6-33 2-44 8 13 7 32-2 44z"/>
<path d="M137 134c-7-11-6-25 1-34 7 10 6 24-1 34z"/></g>
<g fill="#8fb84c"><path d="M113 80c-6-6-7-13-5-19 6 4 8 11 5 19z"/><path d="M131 86c6-5 8-11 6-18-6 4-8 10-6 18z"/></g>
<path d="M84 26h72" stroke="#fff" stroke-width="3" stroke-linecap="round"/>
<path d="M95 38l5 88" stroke="#fff" stroke-width="4" stroke-linecap="round" opacity=".7"/>`)

/** Jasmine: a sprig with two blossoms. */
export const leaf =
  drawing(html`<g fill="none" stroke="#5d8a4a" stroke-width="4" stroke-linecap="round">
<path d="M48 138c34-10 62-34 78-70"/><path d="M96 112c20 4 42 0 60-14"/></g>
<g fill="#7fae68"><path d="M70 128c-20 4-34-4-40-18 18-4 34 2 40 18z"/><path d="M92 112c-4-20 2-34 16-42 6 18 0 34-16 42z"/>
<path d="M124 114c10 16 24 20 42 16-6-18-22-24-42-16z"/></g>
<g transform="translate(134 52)">${blossom()}</g><g transform="translate(172 94) scale(.78)">${blossom()}</g>
<ellipse cx="196" cy="58" rx="6" ry="10" fill="#fff" transform="rotate(28 196 58)"/>
<path d="M158 98c16-6 28-18 35-32" fill="none" stroke="#5d8a4a" stroke-width="3" stroke-linecap="round"/>`)

function blossom(): Markup {
  const petals = [0, 72, 144, 216, 288].map(
    (turn) =>
      html`<ellipse cx="0" cy="-19" rx="11" ry="18" fill="#fff" transform="rotate(${turn})"/>`,
  )
  return html`${petals}<circle r="7" fill="#f2c94c"/><circle r="3" fill="#d9a520"/>`
}

/** Wuyi: peaks, mist, and the sun behind. */
export const rock = drawing(html`<circle cx="168" cy="48" r="22" fill="#ffd9a0"/>
<path d="M0 160V112l46-46 22 20 34-52 40 58 26-24 72 54v38z" fill="#8a4b32" opacity=".55"/>
<path d="M0 160v-26l58-40 40 30 38-44 46 48 58-24v56z" fill="#6b3322"/>
<path d="M136 80l-20 23 14 6 10-12 12 8 6-6z" fill="#8f4d35"/>
<g fill="#fff" opacity=".5"><rect x="18" y="104" width="86" height="7" rx="3.5"/><rect x="142" y="116" width="80" height="7" rx="3.5"/>
<rect x="70" y="126" width="60" height="6" rx="3"/></g>
<g fill="#4c7a3f"><circle cx="40" cy="148" r="14"/><circle cx="66" cy="152" r="14"/><circle cx="94" cy="149" r="15"/>
<circle cx="124" cy="153" r="14"/><circle cx="154" cy="149" r="15"/><circle cx="184" cy="153" r="14"/><circle cx="212" cy="149" r="14"/></g>`)

/** A steaming cup of dark tea. */
export const cup =
  drawing(html`${steam}<ellipse cx="120" cy="142" rx="74" ry="8" fill="#3a1f14" opacity=".25"/>
<ellipse cx="120" cy="134" rx="68" ry="9" fill="#f5ede2"/>
<path d="M66 62h108c0 42-16 68-38 70h-32c-22-2-38-28-38-70z" fill="#fffaf2"/>
<path d="M170 72c24-4 30 34-9 40" fill="none" stroke="#fffaf2" stroke-width="9" stroke-linecap="round"/>
<ellipse cx="120" cy="62" rx="54" ry="12" fill="#f5ede2"/><ellipse cx="120" cy="63" rx="47" ry="9" fill="#7c2f16"/>
<path d="M84 62c10-5 26-7 40-6" stroke="#b2593a" stroke-width="3" fill="none" stroke-linecap="round"/>
<path d="M80 82c3 18 9 32 18 40" stroke="#eadfce" stroke-width="4" fill="none" stroke-linecap="round"/>`)

/** A gaiwan: saucer, bowl and lid, with a blue twig. */
export const lid =
  drawing(html`<ellipse cx="120" cy="144" rx="70" ry="7" fill="#26415c" opacity=".18"/>
<path d="M54 132c30 12 102 12 132 0-6 12-30 16-66 16s-60-4-66-16z" fill="#fff"/>
<path d="M64 68h112c-2 40-22 66-44 68h-24c-22-2-42-28-44-68z" fill="#fff"/>
<path d="M132 136c22-2 42-28 44-68h-14c-2 36-14 62-30 68z" fill="#dfe8f2"/>
<path d="M76 64c6-20 24-30 44-30s38 10 44 30z" fill="#f4f8fc"/><path d="M70 64h100" stroke="#cbd8e6" stroke-width="4" stroke-linecap="round"/>
<path d="M108 34c0-8 24-8 24 0l-4 4h-16z" fill="#fff" stroke="#cbd8e6" stroke-width="2"/>
<g fill="none" stroke="#3f72a6" stroke-width="3" stroke-linecap="round"><path d="M88 112c14-4 26-14 34-30"/><path d="M104 104c6 2 12 2 18-2"/></g>
<g fill="#3f72a6"><circle cx="123" cy="81" r="4"/><circle cx="112" cy="91" r="3"/><circle cx="126" cy="101" r="4"/><circle cx="98" cy="96" r="3"/></g>`)

/** A small clay teapot. */
export const pot =
  drawing(html`<ellipse cx="118" cy="141" rx="66" ry="7" fill="#2c1710" opacity=".3"/>
<path d="M172 76c34-8 40 42-4 46" fill="none" stroke="#7a3b26" stroke-width="11" stroke-linecap="round"/>
<path d="M70 84C52 82 46 62 30 58l-4 9c14 10 16 38 42 44z" fill="#8a452d"/>
<path d="M64 98c0-30 24-46 56-46s56 16 56 46c0 26-22 42-56 42S64 124 64 98z" fill="#96503a"/>
<path d="M120 140c34 0 56-16 56-42 0-18-9-31-23-38 8 10 11 20 11 33 0 26-18 42-44 47z" fill="#7a3b26"/>
<path d="M86 57c6-12 18-17 34-17s28 5 34 17c-20 6-48 6-68 0z" fill="#a55c44"/><circle cx="120" cy="33" r="9" fill="#8a452d"/>
<path d="M84 58c22 7 50 7 72 0" fill="none" stroke="#6a3120" stroke-width="3" stroke-linecap="round"/>
<path d="M80 84c-5 14-3 28 6 38" fill="none" stroke="#b9735c" stroke-width="5" stroke-linecap="round"/>`)
