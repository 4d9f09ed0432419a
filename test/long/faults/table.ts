import { FAULTS } from './faults.js'
import { expectedOf } from './matrix.js'
import { SUBJECTS } from './subjects.js'

export const WRONG_TYPES = 'one member missing or of another type'

/** The expected outcome of every cell, as in docs/faults.md. */
export function tableOf(): string {
  const rows = FAULTS.map((fault) => [
    fault.name,
    ...SUBJECTS.map((subject) => shown(expectedOf(subject, fault))),
  ])
  const members = SUBJECTS.map(({ wrongTypes }) => wrongTypes.map(shown).join('<br>') || '–')
  const head = ['fault', ...SUBJECTS.map(({ name }) => name)]
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    line([WRONG_TYPES, ...members]),
  ].join('\n')
}

function shown(outcome: string): string {
  return outcome.replace(/^error /, '').replace(', told ', ', event ')
}

/** The text of docs/faults.md. */
export function pageOf(): string {
  return `# What an app sees when OneAccess fails

Written by \`npm run faults\`, which tests all of this over real sockets. A column is an upstream call at the
point where an app makes it; a row is what goes wrong with its response. \`503 busy\` is \`error(OneAccessError)\` with that
\`status\` and \`code\`; \`fail 401 code_refused\` is \`fail(info, 401)\` with that \`info.code\`.

Each cell also proves that:
- the call is made once and never repeated, except that an expired access token (401 on a tenant path) is renewed, and the
  call repeated once with the new one;
- the request is answered within the deadline, once, and no rejection is left unhandled;
- a \`Retry-After\` from OneAccess is passed on with a 503;
- after each failed refresh the user is still logged in, and the next refresh succeeds;
- a logout logs the user out of the app whatever OneAccess does. OneAccess's response is published on the channel
  \`passport-oneaccess-alipay:logout\`.

If a member has the wrong type, the 502 names it; a member that is not needed may be missing or of any type.

${tableOf()}
`
}
