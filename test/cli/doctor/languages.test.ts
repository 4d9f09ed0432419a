import { expect } from 'chai'
import { consolePoints } from '../../../cli/doctor/console.js'
import { reasonOf } from '../../../cli/doctor/reasons.js'
import { settingsOf } from '../../../cli/doctor/settings.js'
import { COMMANDS_HELP, DOCTOR_HELP, SIMULATE_HELP } from '../../../cli/help.js'
import { commandLanguage } from '../../../cli/language.js'
import { OneAccessAlipayStrategy } from '../../../lib/index.js'
import { expectChinese, PRODUCTION, runDoctor } from './support.js'

const BAD = { ...PRODUCTION, ONEACCESS_DOMAIN: 'acme.invalid', CALLBACK_URL: 'alipays://x' }
const points = () => consolePoints(settingsOf(PRODUCTION) ?? expect.fail('settings are wrong'))

describe('commandLanguage', () => {
  for (const [option, env, language, system = 'en-US'] of [
    [undefined, {}, 'en'],
    [undefined, { LANG: 'zh_CN.UTF-8' }, 'zh'],
    [undefined, { LANG: 'zh' }, 'zh'],
    [undefined, { LANG: 'en_US.UTF-8' }, 'en'],
    [undefined, { LANG: 'zha' }, 'en'],
    [undefined, { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }, 'en'],
    [undefined, { LC_ALL: '', LANG: 'zh_CN.UTF-8' }, 'zh'],
    [undefined, { LC_MESSAGES: 'zh_CN', LANG: 'C' }, 'zh'],
    ['en', { LC_ALL: 'zh_CN.UTF-8' }, 'en'],
    ['zh', { LC_ALL: 'C' }, 'zh'],
    [undefined, {}, 'zh', 'zh-CN'],
    [undefined, { LANG: 'C' }, 'en', 'zh-CN'],
    [undefined, { LANG: 'zh_CN.UTF-8' }, 'zh', 'en-US'],
  ] as const) {
    it(`is ${language} with --language ${option}, ${JSON.stringify(env)} and a system in ${system}`, () => {
      expect(commandLanguage(option, env, system)).to.equal(language)
    })
  }
})

describe('doctor in Chinese', function () {
  this.timeout(30_000)

  it('prints findings and what to change in Chinese with LANG=zh_CN.UTF-8', async () => {
    const { code, stdout } = await runDoctor([], { ...BAD, LC_ALL: '', LANG: 'zh_CN.UTF-8' })
    expect(code).to.equal(1)
    expect(stdout).to.match(/错误 +CALLBACK_URL +是 alipays: 链接.*\n +-> 请设为服务器上回调路由/)
    expect(stdout).to.match(/^\d+ 项错误，.*项跳过$/m)
  })

  it('has the same keys and names of findings in JSON as in English', async () => {
    const env = { ...PRODUCTION, LC_ALL: 'C' }
    const [en, zh] = await Promise.all(
      ['en', 'zh'].map(async (language) =>
        JSON.parse((await runDoctor(['--json', '--language', language], env)).stdout),
      ),
    )
    const shape = (report: typeof en) => ({
      keys: Object.keys(report),
      abouts: report.findings.map(({ about, result }: Record<string, string>) => [about, result]),
      console: report.console.map(({ about }: Record<string, string>) => about),
    })
    expect(shape(zh)).to.deep.equal(shape(en))
    expect(JSON.stringify(en)).to.not.match(/[\u4e00-\u9fff]{5}/)
    expect(zh.findings.at(-1).says).to.equal('无法连接')
  })

  it('exits with 2 and one line for another language', async () => {
    const { code, stderr } = await runDoctor(['--language', 'fr'], PRODUCTION)
    expect([code, stderr]).to.deep.equal([2, '--language fr is neither zh nor en\n'])
    const zh = await runDoctor(['--language', 'fr'], { ...PRODUCTION, LANG: 'zh_CN.UTF-8' })
    expect([zh.code, zh.stderr]).to.deep.equal([2, '--language 的值只能是 zh 或 en，不能是 fr\n'])
  })

  for (const option of ['--env', '--id-token']) {
    it(`reports that the file of ${option} cannot be read, in both languages`, async () => {
      const tell = async (language: string) =>
        (await runDoctor([option, 'nowhere', '--language', language], PRODUCTION)).stderr
      expect(await tell('en')).to.equal(
        `${option} nowhere cannot be read: there is no such file: check the path, which is relative to the current folder\n`,
      )
      expect(await tell('zh')).to.equal(
        `无法读取 ${option} 指定的文件 nowhere：文件不存在，请检查路径（相对路径从当前目录算起）\n`,
      )
    })
  }

  it('reports that --env names a folder, in both languages', async () => {
    const tell = async (language: string) =>
      (await runDoctor(['--env', 'lib', '--language', language], PRODUCTION)).stderr
    expect(await tell('en')).to.equal(
      '--env lib cannot be read: it is a folder: name a file in it\n',
    )
    expect(await tell('zh')).to.equal(
      '无法读取 --env 指定的文件 lib：这是一个目录，请指定其中的文件\n',
    )
  })

  it('lists the same options and variables in the help of both languages', () => {
    for (const { en, zh } of [COMMANDS_HELP, DOCTOR_HELP, SIMULATE_HELP]) {
      const named = (text: string) =>
        new Set(text.match(/--[a-z-]+|[A-Z]+_[A-Z_]+|[a-z]+[A-Z]\w+/g))
      expect(named(zh)).to.deep.equal(named(en))
      expect(zh).to.match(/[\u4e00-\u9fff]/)
    }
  })
})

describe('reasonOf, for a TypeError about an option', () => {
  const GOOD = { domain: 'acme.invalid', clientID: 'c', clientSecret: 's' }

  for (const bad of [
    { clientID: undefined },
    { clientSecret: '' },
    { clientID: 'c d' },
    { loginVersion: 'v4' },
    { authorizationURL: 'alipay' },
    { callbackURL: 'ftp://shop.example/' },
    { callbackURL: 'https://u:p@shop.example/' },
    { callbackURL: 'http://shop.example/' },
    { domain: 'acme.invalid/path' },
    { callbackURL: 'https://shop.example/#top' },
    { callbackURL: 'https://shop.example/?code=1' },
  ]) {
    it(`has a Chinese text: ${JSON.stringify(bad, (_, value) => value ?? null)}`, () => {
      const make = () => new OneAccessAlipayStrategy({ ...GOOD, ...bad } as never, async () => ({}))
      let thrown: unknown
      try {
        make()
      } catch (error) {
        thrown = error
      }
      const { en, zh } = reasonOf(thrown)
      expect(thrown).to.be.instanceOf(TypeError)
      expect(zh).to.match(/^[\u4e00-\u9fff]{2}/)
      expect(zh).to.not.include(en) // reasonOf() falls back to English
    })
  }
})

describe('doctor: settings of the consoles', () => {
  it('lists each point that no call can check, in both languages, with the app’s values', () => {
    const all = points()
    expect(all.map(({ about }) => about)).to.have.members([
      ...['authentication integration', 'authentication source', 'callback addresses', 'key mode'],
      ...[
        'API permission',
        'IP allowlist',
        'registration',
        'access',
        'SMS quota',
        'code of a web page',
      ],
    ])
    const callback = all.find(({ about }) => about === 'callback addresses')?.says
    for (const text of [callback?.en, callback?.zh]) {
      expect(text).to.include(PRODUCTION.CALLBACK_URL).and.include(PRODUCTION.ALIPAY_APP_ID)
      expect(text).to.include('https://acme.invalid')
    }
    for (const { says } of all) expect(says.zh).to.match(/[\u4e00-\u9fff]{4}/)
  })

  it('prints the points without --live', async () => {
    const { stdout } = await runDoctor([], PRODUCTION)
    for (const { about } of points()) expect(stdout).to.include(`- ${about}: `)
  }).timeout(30_000)

  it('are checked for English sentences in Chinese texts', () => {
    expectChinese({ about: 'TLS', result: 'ok', says: { en: 'fine', zh: '正常' } })
    expect(() =>
      expectChinese({ about: 'TLS', result: 'ok', says: { en: 'fine', zh: 'is quite fine' } }),
    ).to.throw()
  })
})
