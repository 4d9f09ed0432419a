import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from './person.js'
import type { World } from './world.js'

/** A login that was lost. */
export interface Loss {
  person: string
  /** The app's error. */
  reason: string
  /** The proof that it could not have been saved, or why there is none. */
  proof: Proof | string
}

/**
 * OneAccess has replaced the session token in a response to only one process, which was killed after it had
 * sent the call and before it could save the response; nobody ever sent the new token.
 */
export interface Proof {
  process: string
  /** The state of the call when the process was killed. */
  where:
    | 'the call was being sent'
    | 'the response was being sent'
    | 'the response was not saved yet'
  /** Milliseconds in that state before the kill; 0 if the call had not arrived. */
  window: number
  /** Whether Redis was down in that time. */
  storeDown: boolean
}

/** Checks, once everything is healthy, that every user is logged in and can refresh. */
export async function findLosses(world: World): Promise<Loss[]> {
  const waiting = [...world.people]
  const losses: Loss[] = []
  const queue = async () => {
    for (let person = waiting.pop(); person; person = waiting.pop()) {
      const reason = await lossOf(person, world)
      if (reason) losses.push({ person: person.id, reason, proof: proofOf(person, world) })
    }
  }
  await Promise.all(Array.from({ length: 40 }, queue))
  return losses
}

/** Why a login is lost; undefined if it is not. Retries while the app sends Retry-After. */
async function lossOf(
  person: Person,
  { fleet, random, profile }: World,
): Promise<string | undefined> {
  const { lease = 20_000 } = profile.timeouts
  const end = Date.now() + 6 * lease
  while (Date.now() < end) {
    const asked = person.ask(random.pick(fleet.up).url, 'POST', '/refresh')
    const page = await asked.catch(() => undefined) // the connection may just have been closed
    if (person.loggedOutBy) return person.loggedOutBy
    if (page?.status === 200) return undefined
    await sleep(Number(page?.headers['retry-after'] ?? 1) * 1_000)
  }
  return 'no refresh succeeded'
}

function proofOf({ id }: Person, { simulator, path, fleet, outages }: World): Proof | string {
  const session = simulator.sessions(id).at(-1)
  const rotation = path.rotations.findLast((one) => one.answered === session?.sessionToken)
  if (session === undefined || rotation === undefined) return 'its token was never replaced'
  if (session.endedBy) return `OneAccess ended it: ${session.endedBy}`
  if (path.presented.has(rotation.answered)) return 'the token that replaced it was sent'
  const { app, at, deliveredAt = Infinity } = rotation
  const killedAt = fleet.all.get(app)?.killedAt
  if (killedAt === undefined) return `it was replaced for ${app}, which was not killed`
  // a call that arrives after the kill was sent before it
  const since = killedAt < at ? killedAt : killedAt < deliveredAt ? at : deliveredAt
  return {
    process: app,
    where: WHERE[[killedAt, at, deliveredAt].indexOf(since)] ?? WHERE[0],
    window: killedAt - since,
    storeDown: outages.some(({ from, to }) => from < killedAt && since < to),
  }
}

const WHERE = [
  'the call was being sent',
  'the response was being sent',
  'the response was not saved yet',
] as const
