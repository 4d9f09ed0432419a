import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { codeBlocksOf, pageAt } from '../docs/markdown.js'
import { Browser } from '../support/browser.js'
import { freePort } from '../support/redis.js'
import { emptyProject, type Project, pack, run } from './installed.js'

/** Follows the README in an empty folder. */
describe('the quick start of the README', function () {
  this.timeout(180_000)
  const blocks = codeBlocksOf(pageAt('README.md'))
  const running: ChildProcess[] = []
  let project: Project
  let command: string

  before(async () => {
    const empty = await emptyProject()
    const { tarball } = await pack(empty.folder)
    const { packages } = packagesToInstall()
    project = await emptyProject(tarball, ...packages)
    await empty.remove()
    command = join(project.folder, 'node_modules/.bin/passport-oneaccess-alipay')
  })

  after(async () => {
    for (const child of running.reverse()) {
      if (child.exitCode !== null) continue
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    await project.remove()
  })

  /** The packages of the README's `npm install`, except this one, which is packed here. */
  function packagesToInstall() {
    const line = blocks.find(({ code }) => code.startsWith('npm install '))?.code ?? ''
    const names = line.trim().split(' ').slice(2)
    expect(names.shift()).to.equal('passport-oneaccess-alipay')
    return { packages: names }
  }

  function start(program: string, args: string[]): ChildProcess {
    const child = spawn(program, args, { cwd: project.folder })
    running.push(child)
    child.stderr?.pipe(process.stderr)
    return child
  }

  it('works step by step: simulator, doctor, login, token and logout', async () => {
    const port = await freePort()
    const simulate = blocks.find(({ code }) => / simulate /.test(code))?.code ?? ''
    const args = simulate.trim().split(' ').slice(2)
    await untilPrinted(start(command, [...args, '--port', '0']), /^ALIPAY_AUTHORIZATION_URL=.*$/m)
    const own = blocks.find(({ code }) => code.startsWith('CALLBACK_URL='))?.code ?? ''
    await appendFile(join(project.folder, '.env'), own.replace(':3000', `:${port}`))

    const app = blocks.find(({ language }) => language === 'ts')?.code ?? ''
    const listening = `app.listen(${port}, () => console.log('listening'))`
    await project.write('app.mjs', app.replace('app.listen(3000)', listening))

    const doctor = await run(project.folder, command, ['doctor', '--live', '--env', '.env'])
    expect(doctor.code, doctor.stdout).to.equal(0)

    await untilPrinted(start(process.execPath, ['--env-file=.env', 'app.mjs']), /listening/)
    const shop = `http://127.0.0.1:${port}`
    const browser = new Browser()
    const login = /href="([^"]+)"/.exec((await browser.get(`${shop}/login`)).text)?.[1]
    const consent = (await browser.get(`${shop}${login}`)).location
    const [, person = ''] = /value="(\d[^"]+)"/.exec((await browser.get(consent)).text) ?? []
    const back = await browser.post(consent, { person, decision: 'agree' })
    const done = await browser.get(back.location)
    expect(done.location).to.equal(`${shop}/`)
    expect((await browser.get(done.location)).json()).to.include({ id: person })
    expect((await browser.get(`${shop}/orders`)).json()).to.have.keys('token')
    const sibling = browser.clone()
    sibling.headers['sec-fetch-site'] = 'same-site'
    expect((await sibling.post(`${shop}/logout`)).status).to.equal(403)
    expect((await browser.get(`${shop}/`)).json()).to.include({ id: person })
    await browser.post(`${shop}/logout`)
    expect((await browser.get(`${shop}/`)).json()).to.equal('nobody')
    const orders = `${shop}/orders`
    expect((await browser.get(orders, { accept: 'text/html' })).location).to.equal(`${shop}/login`)
    expect((await browser.get(orders)).json()).to.include({ code: 'not_logged_in' })
    const again = (await browser.get(`${shop}${login}`)).location
    const returned = await browser.post(again, { person, decision: 'agree' })
    expect((await browser.get(returned.location)).location).to.equal(orders)
  })
})

/** Resolves to the output of a program once it matches. */
function untilPrinted(child: ChildProcess, pattern: RegExp): Promise<string> {
  let output = ''
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`exited with ${code} after printing: ${output}`)))
    child.stdout?.on('data', (data: Buffer) => {
      output += data
      if (pattern.test(output)) resolve(output)
    })
  })
}
