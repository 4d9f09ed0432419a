import type { Endpoint } from './endpoints.js'
import type { Person } from './people.js'
import { agreeAt } from './routes/authorize.js'
import type { EndedBy, Session } from './state/sessions.js'
import type { Call, Calls } from './transport/calls.js'
import type { Faults } from './transport/faults.js'
import { UsageError } from './words.js'
import { freshState, type World } from './world.js'

/** A login that the simulator knows. It holds whole tokens: for tests, not for display. */
export interface SimulatedSession {
  personID: string
  /** The one that the last refresh returned. */
  sessionToken: string
  refreshes: number
  endedBy?: EndedBy
}

/** What a test, the console and the command line can do to a running simulator. */
export class Control {
  readonly world: World
  readonly calls: Calls
  readonly faults: Faults

  constructor(world: World, calls: Calls, faults: Faults) {
    this.world = world
    this.calls = calls
    this.faults = faults
  }

  nextCall(endpoint: Endpoint): Promise<Call> {
    return new Promise((resolve) => {
      const stop = this.calls.watch((call) => {
        if (call?.endpoint !== endpoint || call.status !== 0) return
        stop()
        resolve(call)
      })
    })
  }

  authorize(url: string, personID = this.world.people[0]?.id ?? ''): string {
    return agreeAt(url, this.personWith(personID), this.world)
  }

  issueCode(personID: string): string {
    return this.world.state.codes.issue({ personID: this.personWith(personID).id })
  }

  lastCode(mobileOrEmail: string): string | undefined {
    return this.world.state.codesSent.last(mobileOrEmail)?.code
  }

  captchaAnswer(token: string): number | undefined {
    const found = this.world.state.puzzles.look(token)
    return 'value' in found ? found.value.x : undefined
  }

  sessions(personID?: string): SimulatedSession[] {
    return this.world.state.sessions.list(personID).map((session) => this.snapshotOf(session))
  }

  endSessions(personID?: string): void {
    this.world.state.sessions.end('administrator', personID)
  }

  expireCredential(): void {
    this.world.state.credentials.spendAll()
  }

  disable(personID: string): void {
    this.world.state.disabled.add(this.personWith(personID).id)
    this.world.state.sessions.end('disabled', personID)
  }

  reset(): void {
    const { clock, settings, people } = this.world
    clock.reset()
    this.world.state = freshState(clock, settings, people)
    this.calls.reset()
    this.faults.clear()
  }

  private snapshotOf(session: Session): SimulatedSession {
    const endedBy = this.world.state.sessions.endOf(session)
    return {
      personID: session.person.id,
      sessionToken: session.current,
      refreshes: session.refreshes,
      ...(endedBy ? { endedBy } : {}),
    }
  }

  private personWith(personID: string): Person {
    const person = this.world.people.find(({ id }) => id === personID)
    if (person === undefined) {
      const en = `none of the people has the id ${personID}`
      throw new UsageError({ en, zh: `没有 ID 为 ${personID} 的用户` })
    }
    return person
  }
}
