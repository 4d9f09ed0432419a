import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator } from '../../../simulator/index.js'
import { deferred } from '../../support/deferred.js'
import { Fleet } from './fleet.js'
import { findLosses, type Loss } from './losses.js'
import { type Page, Person } from './person.js'
import type { Profile } from './profile.js'
import { Random } from './random.js'
import { RedisPair } from './redis-pair.js'
import { SlowPath } from './slow-path.js'
import { layWire } from './wire.js'
import type { World } from './world.js'

/** The result of a run. */
export interface Outcome {
  profile: Profile
  refreshes: number
  upstreamCalls: number
  requests: number
  /** Requests with status 503. */
  unavailable: number
  /** Requests without a response, as their process stopped. */
  broken: number
  stopped: number
  stuck: number
  redisRestarts: number
  failovers: number
  lostWrites: number
  drops: number
  /** Processes with a wrong secret, and the requests that failed there. */
  wrongSecrets: number
  unopened: number
  /** The longest wait of a request for a valid id_token, in milliseconds. */
  longestWait: number
  /** The longest time in `backgroundRefresh()`, which reads a record that the process does not know. */
  longestRead: number
  losses: Loss[]
  /** The duration of the run in milliseconds. */
  took: number
}

/** tokenStore.secret of every process, except those with a wrong one. */
export const SECRET = 'the secret of all these processes'

/** Milliseconds for the processes to write back what a failover has lost. */
const WRITE_BACK = 3_000

const MAX_CONCURRENT_REQUESTS = 200

/** One run: starts everything, logs all users in, injects faults for a while, and checks every login. */
export async function storm(profile: Profile): Promise<Outcome> {
  const began = Date.now()
  const world = await build(profile)
  try {
    await logAllUsersIn(world)
    const weather = new Weather(world)
    await weather.rage()
    world.path.clear()
    const losses = await findLosses(world)
    return { ...weather.counts, ...countsOf(world), profile, losses, took: Date.now() - began }
  } finally {
    await world.close()
  }
}

export async function build(profile: Profile): Promise<World> {
  const random = new Random(profile.seed)
  const redis = await RedisPair.start()
  const wire = await layWire(redis.url, random)
  const ids = Array.from({ length: profile.sessions }, (_, n) => `person-${n}`)
  const simulator = await startSimulator({
    rotation: 'always',
    idTokenLife: profile.idTokenLife,
    people: ids.map((id) => ({ id, userName: id, name: id, outcome: 'SUCCESS' })),
  })
  const path = new SlowPath(simulator.url, random, profile)
  const { clientID, clientSecret, alipayAppID, authorizationURL } = simulator
  const { refreshBefore, refreshWith, timeouts } = profile
  const callbackURL = 'http://127.0.0.1/callback'
  const known = { clientID, clientSecret, alipayAppID, authorizationURL, callbackURL }
  const domain = await path.open()
  const strategy = { domain, ...known, refreshBefore, refreshWith, timeouts }
  const fleet = new Fleet({
    redis: wire.url,
    secret: SECRET,
    strategy,
  })
  await Promise.all(Array.from({ length: profile.processes }, () => fleet.start()))
  const close = async () => {
    await fleet.close()
    path.close()
    wire.close()
    await Promise.all([simulator.close(), redis.close()])
  }
  const people = ids.map((id) => new Person(id))
  return { profile, random, redis, wire, simulator, path, fleet, people, outages: [], close }
}

async function logAllUsersIn({ people, fleet, random }: World): Promise<void> {
  const waiting = [...people]
  const queue = async () => {
    for (let person = waiting.pop(); person; person = waiting.pop()) {
      await person.logIn(random.pick(fleet.up).url)
    }
  }
  await Promise.all(Array.from({ length: 8 }, queue))
}

function countsOf({ path, fleet, redis }: World) {
  const { renewed, stopped, stuck } = fleet.counts
  const { failovers, lost: lostWrites } = redis
  return { refreshes: renewed, upstreamCalls: path.calls, stopped, stuck, failovers, lostWrites }
}

/** Injects faults while users send requests. */
class Weather {
  readonly counts = {
    requests: 0,
    unavailable: 0,
    broken: 0,
    redisRestarts: 0,
    drops: 0,
    wrongSecrets: 0,
    unopened: 0,
    longestWait: 0,
    longestRead: 0,
  }
  readonly #world: World
  readonly #underWay = new Set<Promise<void>>()
  readonly #troubles = new Set<Promise<void>>()
  #failover: Promise<void> | undefined
  #over = false

  constructor(world: World) {
    this.#world = world
  }

  async rage(): Promise<void> {
    const began = Date.now()
    const troubles = [
      this.#restartRedis(),
      this.#failOver(),
      this.#cutConnections(),
      this.#stopProcesses(),
      this.#misconfigure(),
    ]
    while (!this.#isOver(Date.now() - began)) await this.#burst()
    this.#over = true
    await Promise.all([...this.#underWay, ...troubles])
  }

  /** Runs longer on a slow machine, until every kind of fault has occurred. */
  #isOver(lasted: number): boolean {
    const { profile, fleet, redis } = this.#world
    const { renewed, stopped } = fleet.counts
    if (this.#failover) return false
    if (renewed >= profile.refreshes || lasted > 10 * profile.time) return true
    const { redisRestarts, drops, unopened } = this.counts
    const met = Math.min(redisRestarts, redis.lost, drops, unopened, stopped) > 0
    return lasted > profile.time && met && renewed >= 2 * profile.sessions
  }

  /** Several concurrent requests of each of a few users, to random processes. */
  async #burst(): Promise<void> {
    const { random, people } = this.#world
    for (let n = random.between(1, 6); n > 0; n--) {
      const person = random.pick(people)
      const forced = random.share() < 0.4
      for (let tabs = random.between(1, 4); tabs > 0; tabs--) this.#request(person, forced)
    }
    do await sleep(random.between(5, 30))
    while (this.#underWay.size > MAX_CONCURRENT_REQUESTS)
  }

  #request(person: Person, forced: boolean): void {
    const { random, fleet } = this.#world
    const { url } = random.pick(fleet.up)
    const asked = forced ? person.ask(url, 'POST', '/refresh') : person.ask(url, 'GET', '/token')
    this.counts.requests += 1
    const done = asked
      .then(
        ({ status, json }) => {
          if (status >= 500) this.counts.unavailable += 1
          if (json.code === 'misconfigured') this.counts.unopened += 1
          if (json.wasGood) this.#waited(json)
        },
        () => {
          this.counts.broken += 1
        },
      )
      .finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }

  #waited({ read = 0, waited = 0 }: Page['json']): void {
    this.counts.longestWait = Math.max(this.counts.longestWait, waited)
    this.counts.longestRead = Math.max(this.counts.longestRead, read)
  }

  async #restartRedis(): Promise<void> {
    const { redis, random, profile, outages } = this.#world
    const { every, down } = profile.redisRestarts
    while (await this.#pause(every)) {
      await this.#beside(async () => {
        const from = Date.now()
        await redis.restart(random.between(...down))
        outages.push({ from, to: Date.now() })
        this.counts.redisRestarts += 1
      })
    }
  }

  async #failOver(): Promise<void> {
    const { redis, random, profile, wire } = this.#world
    const { every, behind } = profile.failovers
    while (await this.#pause(every)) {
      await this.#alone(async () => {
        await redis.failOver(random.between(...behind), (url) => wire.leadTo(url))
        await sleep(WRITE_BACK)
      })
    }
  }

  async #cutConnections(): Promise<void> {
    const { wire, profile } = this.#world
    while (await this.#pause(profile.drops.every))
      this.counts.drops += wire.cut(profile.drops.share)
  }

  async #stopProcesses(): Promise<void> {
    const { fleet, random, profile } = this.#world
    while (await this.#pause(profile.stops.every)) {
      await this.#beside(() => {
        return profile.signal === 'SIGTERM'
          ? fleet.replaceGently(random)
          : fleet.replaceByForce(random)
      })
    }
  }

  async #misconfigure(): Promise<void> {
    const { fleet, profile } = this.#world
    const { every, time } = profile.wrongSecrets
    while (await this.#pause(every)) {
      await fleet.misconfigureOne(time)
      this.counts.wrongSecrets += 1
    }
  }

  /** Waits for a failover: tokens that only one process knows would be lost if that one stopped now. */
  async #beside(trouble: () => Promise<void>): Promise<void> {
    await this.#failover
    const done: Promise<void> = trouble().finally(() => this.#troubles.delete(done))
    this.#troubles.add(done)
    await done
  }

  async #alone(failover: () => Promise<void>): Promise<void> {
    const begun = deferred<void>()
    this.#failover = begun.promise
    await Promise.all(this.#troubles)
    await failover().finally(() => {
      this.#failover = undefined
      begun.resolve()
    })
  }

  /** Waits for about this long; resolves to false when the run ends. */
  async #pause(about: number): Promise<boolean> {
    const end = Date.now() + about * (0.5 + this.#world.random.share())
    while (!this.#over && Date.now() < end) await sleep(Math.min(end - Date.now(), 50))
    return !this.#over
  }
}
