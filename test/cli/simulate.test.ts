import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { englishIn } from '../support/chinese.js'
import { runDoctor } from './doctor/support.js'

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

interface Run {
  child: ChildProcessWithoutNullStreams
  /** The settings that it prints when it listens. */
  listening: Promise<Record<string, string>>
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
}

function run(args: string[], locale = 'C'): Run {
  const env = { ...process.env, LC_ALL: locale }
  const child = spawn(process.execPath, [MAIN, 'simulate', ...args], { env })
  let [stdout, stderr] = ['', '']
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const listening = new Promise<Record<string, string>>((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      if (!stdout.includes('Ctrl+C')) return
      const lines = stdout.matchAll(/^([A-Z_]+)=(.*)$/gm)
      resolve(Object.fromEntries([...lines].map(([, name, value]) => [name, value])))
    })
  })
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, listening, ended }
}

function consentPageOf(env: Record<string, string>): string {
  const query = new URLSearchParams({
    app_id: env.ALIPAY_APP_ID ?? '',
    scope: 'auth_user',
    redirect_uri: 'http://localhost/',
    state: 'abc',
  })
  return `${env.ALIPAY_AUTHORIZATION_URL}?${query}`
}

describe('passport-oneaccess-alipay simulate', function () {
  this.timeout(30_000)
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulate-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function file(name: string, content: unknown): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, JSON.stringify(content))
    return path
  }

  it('prints a warning and the settings for an app, and exits with 0 on SIGINT', async () => {
    const { child, listening, ended } = run(['--port', '0', '--client-id', 'mine'])
    const env = await listening
    expect(env.ONEACCESS_DOMAIN).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(env.ONEACCESS_CLIENT_ID).to.equal('mine')
    const token = await fetch(`${env.ONEACCESS_DOMAIN}/api/v2/tenant/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: env.ONEACCESS_CLIENT_ID ?? '',
        client_secret: env.ONEACCESS_CLIENT_SECRET ?? '',
      }),
    })
    expect(token.status).to.equal(200)
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).to.equal(0)
    expect(stdout).to.include('Not an identity provider')
  })

  it('accepts users, faults and settings', async () => {
    const people = await file('people.json', [
      { id: 'u-1', userName: 'one', name: 'Only One', outcome: 'SUCCESS' },
    ])
    const faults = await file('faults.json', [{ endpoint: 'jwks', status: 503 }])
    const args = ['--people', people, '--faults', faults, '--set', 'idTokenLife=60']
    const { child, listening, ended } = run(['--port', '0', '--rotation', 'grace', ...args])
    const env = await listening
    const url = env.ONEACCESS_DOMAIN
    const page = await fetch(`${url}/`).then((answer) => answer.text())
    const consent = await fetch(consentPageOf(env)).then((answer) => answer.text())
    expect(consent).to.include('Only One').and.not.include('王芳')
    expect(page).to.match(/<option value="grace" selected /)
    expect(page).to.match(/data-setting="idTokenLife" value="60"/)
    expect((await fetch(`${url}/api/v1/oauth2/keys`)).status).to.equal(503)
    child.kill('SIGTERM')
    expect((await ended).code).to.equal(0)
  })

  it('writes its settings to a file for node --env-file and the doctor with --write', async () => {
    const path = join(folder, '.env')
    await writeFile(path, 'SESSION_SECRET=of the app\n')
    const { child, listening, ended } = run(['--port', '0', '--write', path])
    const env = await listening
    const code = 'process.stdout.write(process.env.SESSION_SECRET + process.env.ONEACCESS_DOMAIN)'
    const read = spawn(process.execPath, [`--env-file=${path}`, '-e', code])
    const [seen] = await once(read.stdout, 'data')
    expect(String(seen)).to.equal(`of the app${env.ONEACCESS_DOMAIN}`)
    const { stdout } = await runDoctor(['--live', '--json', '--env', path], {
      CALLBACK_URL: 'http://127.0.0.1:3000/auth/alipay/callback',
    })
    expect(JSON.parse(stdout).counts.error).to.equal(0)
    child.kill('SIGTERM')
    expect((await ended).code).to.equal(0)
  })

  it('exits with 2 and one line if the file cannot be written', async () => {
    const path = join(folder, 'nowhere', '.env')
    const { code, stdout, stderr } = await run(['--port', '0', '--write', path]).ended
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `${path} cannot be written: ENOENT\n`,
    })
  })

  it('lists its options with --help', async () => {
    const { code, stdout } = await run(['--help']).ended
    expect(code).to.equal(0)
    expect(stdout).to.include('--people').and.include('--faults').and.include('rotation')
  })

  it('exits with 2 and one line that names the wrong argument', async () => {
    const people = await file('twice.json', [{ id: 'u-1', name: 'No outcome', userName: 'one' }])
    const faults = await file('wrong.json', [{ endpoint: 'jwks', stauts: 503 }])
    const wrong: [string[], string][] = [
      [['--prot', '1'], '--prot'],
      [['--port', 'abc'], 'port'],
      [['--rotation', 'sometimes'], 'rotation'],
      [['--set', 'rotation'], 'NAME=VALUE'],
      [['--set', 'rotatoin=always'], 'rotatoin'],
      [['--host', '0.0.0.0'], 'loopback'],
      [['--people', join(folder, 'nowhere.json')], 'cannot be read'],
      [['--people', people], 'people'],
      [['--port', '0', '--faults', faults], 'stauts'],
    ]
    for (const [args, named] of wrong) {
      const { code, stderr } = await run(args).ended
      expect(code, args.join(' ')).to.equal(2)
      expect(stderr.trim().split('\n'), args.join(' ')).to.have.length(1)
      expect(stderr).to.include(named)
    }
  })

  for (const [args, locale] of [
    [['--language', 'zh'], 'C'],
    [[], 'zh_CN.UTF-8'],
  ] as const) {
    it(`is in Chinese with LC_ALL=${locale} ${args.join(' ')}`, async () => {
      const { child, listening, ended } = run(['--port', '0', ...args], locale)
      expect(await listening).to.include.keys('ONEACCESS_DOMAIN', 'ALIPAY_AUTHORIZATION_URL')
      child.kill('SIGINT')
      expect((await ended).stdout)
        .to.include('不是身份提供商')
        .and.not.include('identity provider')
      const wrong = await run(['--set', 'rotation', ...args], locale).ended
      expect([wrong.code, wrong.stderr]).to.deep.equal([
        2,
        '--set rotation 的格式不是 NAME=VALUE\n',
      ])
      expect((await run(['--help', ...args], locale).ended).stdout).to.include('按 Ctrl+C 结束')
    })
  }

  it('reports a wrong argument in Chinese too', async () => {
    const people = await file('nobody.json', [{}])
    const faults = await file('typo.json', [{ endpoint: 'jwks', stauts: 503 }])
    const wrong = [
      ['--port', 'abc'],
      ['--rotation', 'sometimes'],
      ['--set', 'rotatoin=always'],
      ['--host', '0.0.0.0'],
      ['--people', people],
      ['--port', '0', '--faults', faults],
    ]
    for (const args of wrong) {
      const { code, stderr } = await run(args, 'zh_CN.UTF-8').ended
      expect(code, args.join(' ')).to.equal(2)
      expect(stderr).to.match(/^.*[\u4e00-\u9fff]{2}.*\n$/)
      expect(englishIn(stderr)).to.equal(undefined)
    }
  })

  it('exits with 2 if its port is in use', async () => {
    const first = run(['--port', '0'])
    const { port } = new URL((await first.listening).ONEACCESS_DOMAIN ?? '')
    const { code, stderr } = await run(['--port', port]).ended
    expect([code, stderr]).to.deep.equal([
      2,
      `port ${port} is in use; choose another with --port, or let --port 0 pick a free one\n`,
    ])
    first.child.kill('SIGINT')
    await first.ended
  })
})
