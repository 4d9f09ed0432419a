// A test runner for Stryker, whose own runner does not support mocha 12. Tests are loaded once, and
// for each mutant only the tests that reach it run.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import Mocha from 'mocha'

/** The tests that are fast and need no browser, no Redis and no separate process. */
const ALL = 'tokens,stores,session,transport,oneaccess,login,strategy,hostile,.'
const DIRECTORIES = (process.env.MUTATE_TESTS ?? ALL).split(',')
/** Milliseconds after which a test counts as hung; the slowest takes a second on a busy machine. */
const LONGEST = 5_000
const SLOW = /^(hostile\/(debug|faults|fuzz|security-page)|redis\/(?!store\.))/
globalThis.__stryker__ ??= {}
const state = globalThis.__stryker__

class MutationRunner {
  capabilities() {
    return { reloadEnvironment: false }
  }

  async dryRun() {
    state.activeMutant = undefined
    const result = await this.run([], false)
    return { ...result, mutantCoverage: state.mutantCoverage }
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, disableBail, hitLimit }) {
    state.hitCount = hitLimit === undefined ? undefined : 0
    state.hitLimit = hitLimit
    // a static mutant is active while the modules are loaded, all others while the tests run
    if (mutantActivation === 'static') state.activeMutant = activeMutant.id
    await this.load()
    state.activeMutant = activeMutant.id
    const result = await this.run(testFilter ?? [], !disableBail)
    return toMutantRunResult(determineHitLimitReached(state.hitCount, hitLimit) ?? result)
  }

  async load() {
    if (this.mocha) return
    this.mocha = new Mocha({ timeout: LONGEST, reporter: class {} })
    this.mocha.cleanReferencesAfterRun(false)
    this.mocha.rootHooks({
      beforeEach() {
        state.currentTestId = this.currentTest.fullTitle()
      },
    })
    // required in .mocharc.json too: without it the tests' fake clocks do not affect lib
    this.mocha.addFile(join(process.cwd(), 'dist/test/support/timers.js'))
    for (const file of testFiles()) this.mocha.addFile(file)
    await this.mocha.loadFilesAsync()
  }

  async run(titles, bail) {
    await this.load()
    setBail(this.mocha.suite, bail)
    this.mocha.grep(
      titles.length === 0 ? /(?:)/ : new RegExp(`^(?:${titles.map(escaped).join('|')})$`, 's'),
    )
    const tests = []
    await new Promise((resolve) => {
      const runner = this.mocha.run(resolve)
      runner.on('pass', (test) => tests.push(outcomeOf(test, TestStatus.Success)))
      runner.on('fail', (test, error) => {
        const failureMessage = String(error?.stack ?? error)
        tests.push({ ...outcomeOf(test, TestStatus.Failed), failureMessage })
      })
    })
    return { status: DryRunStatus.Complete, tests }
  }
}

/** A suite inherits `bail` when it is created, and these suites were created long before. */
function setBail(suite, bail) {
  suite.bail(bail)
  for (const child of suite.suites) setBail(child, bail)
}

function testFiles() {
  return DIRECTORIES.flatMap((directory) => {
    const root = join('dist/test', directory)
    return readdirSync(root, { recursive: directory !== '.' })
      .filter((name) => name.endsWith('.test.js') && !SLOW.test(join(directory, name)))
      .map((name) => join(process.cwd(), root, name))
  })
}

function outcomeOf(test, status) {
  const id = test.fullTitle()
  return { id, name: id, status, timeSpentMs: test.duration ?? 0 }
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'mocha-12', MutationRunner),
]
