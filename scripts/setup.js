// Checks what the tests need from the system: a Redis server, and Chromium with CJK fonts. As root
// on Debian it installs what is missing; elsewhere it prints the command and stops, so that no test
// is skipped silently.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needed = [
  { package: 'redis-server', found: onPath('redis-server') },
  { package: 'chromium', found: onPath('chromium') || Boolean(process.env.CHROMIUM_PATH) },
  {
    package: 'fonts-noto-cjk',
    found:
      process.platform !== 'linux' ||
      existsSync('/usr/share/fonts/opentype/noto') ||
      Boolean(process.env.CHROMIUM_PATH),
  },
]

const missing = needed.filter((one) => !one.found).map((one) => one.package)
if (missing.length > 0) install(missing)

function onPath(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

function install(packages) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    console.error(
      `the tests need: ${packages.join(', ')}\n\nOn Debian or Ubuntu:\n  sudo ${command}`,
    )
    console.error(
      '\nElsewhere: put redis-server on the PATH and set CHROMIUM_PATH to a Chromium or Chrome binary.',
    )
    process.exit(1)
  }
  console.log(`installing ${packages.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env }
  execFileSync('apt-get', ['update', '-qq'], quiet)
  execFileSync('apt-get', command.split(' ').slice(1), quiet)
}
