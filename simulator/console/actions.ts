import type { Control } from '../control.js'
import type { Endpoint } from '../endpoints.js'
import { changeSetting } from '../settings.js'
import { UsageError } from '../words.js'
import { scriptedFaults } from './scripted-faults.js'

/** What the page's controls send. */
interface Action {
  do: string
  name: string
  value: unknown
  person: string
  endpoint: string
  fault: string
  times: number | 'always'
}

const actions: Record<string, (control: Control, action: Action) => void> = {
  setting: ({ world }, { name, value }) => changeSetting(world.settings, name, value),
  advance: ({ world }, { value }) => world.clock.advance(Number(value)),
  fault: addFault,
  'clear-faults': ({ faults }) => faults.clear(),
  disable: (control, { person }) => control.disable(person),
  'end-sessions': (control, { person }) => control.endSessions(person),
  'expire-credential': (control) => control.expireCredential(),
  reset: (control) => control.reset(),
}

/** Runs the action that the page asked for; throws if there is something wrong with it. */
export function act(control: Control, asked: unknown): void {
  const action = Object(asked) as Action
  const run = Object.hasOwn(actions, action.do) ? actions[action.do] : undefined
  if (!run) throw new UsageError({ en: 'unknown action', zh: '没有这个操作' })
  run(control, action)
}

function addFault({ faults, world }: Control, { endpoint, fault, times }: Action): void {
  const scripted = scriptedFaults.find(({ name }) => name === fault)
  if (!scripted) throw new UsageError({ en: 'unknown fault', zh: '没有这种故障' })
  faults.add(endpoint as Endpoint, { ...scripted.make(world.settings), times })
}
