import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect } from 'chai'
import { envLines, writeEnvFile } from '../../cli/env-file.js'

const SETTINGS = {
  ONEACCESS_DOMAIN: 'http://127.0.0.1:7710',
  ONEACCESS_CLIENT_ID: 'simulated-client',
  ONEACCESS_CLIENT_SECRET: 'new',
}
const LINES = Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}\n`)

describe('simulate --write FILE', () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'env-file-'))
    file = join(folder, '.env')
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** Writes the settings to a file with this content; resolves to its new content and the refusal. */
  async function written(before: string, settings: Record<string, string> = SETTINGS) {
    await writeFile(file, before)
    const refused = writeEnvFile(file, settings)
    return { refused, text: await readFile(file, 'utf8') }
  }

  it('creates a file that only its owner can read', async () => {
    expect(writeEnvFile(file, SETTINGS)).to.equal(undefined)
    expect(await readFile(file, 'utf8')).to.equal(LINES.join(''))
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
  })

  for (const before of ['', 'PORT=3000\n']) {
    it(`makes an existing file of ${before.length} characters readable only by its owner`, async () => {
      await writeFile(file, before)
      await chmod(file, 0o644)
      expect(writeEnvFile(file, SETTINGS)).to.equal(undefined)
      expect((await stat(file)).mode & 0o777).to.equal(0o600)
    })
  }

  it('keeps all other lines in place', async () => {
    const before = [
      '# of the shop',
      '#ONEACCESS_DOMAIN=https://acme.huaweioneaccess.com',
      'PORT=3000',
      'export ONEACCESS_CLIENT_SECRET = "old" # of yesterday',
      '',
      'MY_ONEACCESS_DOMAIN=mine',
      'ONEACCESS_DOMAIN=http://127.0.0.1:1',
      'ONEACCESS_CLIENT_SECRET=older',
      'SESSION_SECRET=kept',
    ]
    const { text } = await written(before.join('\n'))
    expect(text.split('\n')).to.deep.equal([
      ...before.slice(0, 3),
      'ONEACCESS_CLIENT_SECRET=new',
      ...before.slice(4, 6),
      'ONEACCESS_DOMAIN=http://127.0.0.1:7710',
      'SESSION_SECRET=kept',
      'ONEACCESS_CLIENT_ID=simulated-client',
      '',
    ])
    expect((await written(text)).text).to.equal(text)
  })

  it('keeps CRLF line endings', async () => {
    const { text } = await written('PORT=3000\r\nONEACCESS_DOMAIN=http://127.0.0.1:1\r\n')
    expect(text).to.equal(`PORT=3000\n${LINES.join('')}`.replaceAll('\n', '\r\n'))
  })

  it('fills in empty settings', async () => {
    const { refused, text } = await written('ONEACCESS_DOMAIN=\nONEACCESS_CLIENT_SECRET=\n')
    expect(refused).to.equal(undefined)
    expect(parseEnv(text)).to.deep.equal(SETTINGS)
  })

  for (const before of [
    'ONEACCESS_DOMAIN=https://acme.huaweioneaccess.com\nONEACCESS_CLIENT_SECRET=real\n',
    'ONEACCESS_DOMAIN=acme.huaweioneaccess.com\n',
    'ONEACCESS_CLIENT_SECRET="real"\n',
  ]) {
    it(`does not overwrite the settings of a real tenant: ${before.trim().replace('\n', ', ')}`, async () => {
      const { refused, text } = await written(before)
      expect(text).to.equal(before)
      expect(refused?.en).to.include(file).and.include(before.split('=')[0]).and.not.include('real')
    })
  }

  it('refuses a file with a setting inside a value that spans lines', async () => {
    const before = 'KEY="\nONEACCESS_DOMAIN=x\n"\n'
    const { refused, text } = await written(before)
    expect(text).to.equal(before)
    expect(refused?.en).to.include('cannot hold the settings')
  })

  for (const value of ['a b', ' a ', 'a#b', "it's # 1", 'say "#"', 'a\\nb', "`#'"]) {
    it(`quotes ${JSON.stringify(value)} so that parseEnv() reads the same`, () => {
      expect(parseEnv(envLines({ SECRET: value }).join('\n'))).to.deep.equal({ SECRET: value })
    })
  }

  it('refuses a value that cannot be quoted', async () => {
    const { refused, text } = await written('', { SECRET: ' \'"` ' })
    expect([text, refused?.en]).to.deep.equal([
      '',
      `${file} cannot hold the settings: a value in it spans several lines or cannot be quoted`,
    ])
  })

  it('writes through a symbolic link, and refuses what is not a plain file', async () => {
    const link = join(folder, 'link')
    await writeFile(file, '')
    await symlink(file, link)
    expect(writeEnvFile(link, SETTINGS)).to.equal(undefined)
    expect(await readFile(file, 'utf8')).to.equal(LINES.join(''))
    await mkdir(join(folder, 'one'))
    expect(writeEnvFile(join(folder, 'one'), SETTINGS)?.en).to.match(/one is not a plain file$/)
    expect(writeEnvFile('/dev/null', SETTINGS)?.zh).to.equal('/dev/null 不是普通文件')
  })

  it('reports why a file cannot be written', () => {
    const nowhere = join(folder, 'nowhere/.env')
    expect(writeEnvFile(nowhere, SETTINGS)).to.deep.equal({
      en: `${nowhere} cannot be written: ENOENT`,
      zh: `无法写入 ${nowhere}：ENOENT`,
    })
  })
})
