import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from './person.js'
import type { World } from './world.js'

/** A session that did not survive. */
export interface Loss {
  person: string
  /** What the app says. */
  reason: string
  /** The proof that nobody could have saved it, or what there is in place of one. */
  proof: Proof | string
}

/**
 * OneAccess has replaced the session token, told only one process so, and that process was killed
 * after it had sent the call and before it could save the answer; nobody ever presented the new token.
 */
export interface Proof {
  process: string
  /** Where the call was when the process was killed. */
  where: 'the call was on its way' | 'the answer was on its way' | 'the answer was not saved yet'
  /** For how many milliseconds before the kill; 0 for a call on its way. */
  window: number
  /** Whether Redis was away in that time. */
  storeAway: boolean
}

/** Now that everything is healthy: who is logged in, and can have their token renewed? */
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

/** Why a session is lost; undefined when it is not. Asks for as long as the app says to come again. */
async function lossOf(
  person: Person,
  { fleet, random, profile }: World,
): Promise<string | undefined> {
  const { lease = 20_000 } = profile.timeouts
  const end = Date.now() + 6 * lease
  while (Date.now() < end) {
    const asked = person.ask(random.pick(fleet.up).url, 'POST', '/refresh')
    const page = await asked.catch(() => undefined) // a connection that had just been closed
    if (person.loggedOutBy) return person.loggedOutBy
    if (page?.status === 200) return undefined
    await sleep(Number(page?.headers['retry-after'] ?? 1) * 1_000)
  }
  return 'no token could be had any more'
}

function proofOf({ id }: Person, { simulator, path, fleet, outages }: World): Proof | string {
  const session = simulator.sessions(id).at(-1)
  const rotation = path.rotations.findLast((one) => one.answered === session?.sessionToken)
  if (session === undefined || rotation === undefined) return 'its token was never replaced'
  if (session.endedBy) return `OneAccess has ended it: ${session.endedBy}`
  if (path.presented.has(rotation.answered)) return 'the token that replaced it was presented'
  const { app, at, deliveredAt = Infinity } = rotation
  const killedAt = fleet.all.get(app)?.killedAt
  if (killedAt === undefined) return `it was replaced for ${app}, which was not killed`
  // the call itself says whose it is, so one that comes after the kill was sent before it
  const since = killedAt < at ? killedAt : killedAt < deliveredAt ? at : deliveredAt
  return {
    process: app,
    where: WHERE[[killedAt, at, deliveredAt].indexOf(since)] ?? WHERE[0],
    window: killedAt - since,
    storeAway: outages.some(({ from, to }) => from < killedAt && since < to),
  }
}

const WHERE = [
  'the call was on its way',
  'the answer was on its way',
  'the answer was not saved yet',
] as const
