import { expect } from 'chai'
import { runDoctor } from './doctor/support.js'

describe('a command with wrong arguments', () => {
  for (const [args, en, zh] of [
    [
      ['--liv', '--live'],
      'unknown option --liv: see --help',
      '未知选项 --liv，可用的选项见 --help',
    ],
    [['--env'], '--env needs a value: write --env=VALUE', '选项 --env 缺少值，请写成 --env=值'],
    [
      ['--env', '--live'],
      '--env needs a value: write --env=VALUE',
      '选项 --env 缺少值，请写成 --env=值',
    ],
    [['--live=yes'], '--live takes no value: write --live', '选项 --live 不能带值，请只写 --live'],
    [
      ['canary-of-a-secret'],
      'each argument must follow an option name: see --help',
      '参数前必须有选项名，可用的选项见 --help',
    ],
  ] as const) {
    it(`exits with 2 and one line in its language, without the value: ${args.join(' ')}`, async () => {
      const english = await runDoctor([...args, '--language', 'en'], { LANG: 'zh_CN.UTF-8' })
      expect([english.code, english.stderr]).to.deep.equal([2, `${en}\n`])
      const chinese = await runDoctor(['--language=zh', ...args], { LANG: 'C' })
      expect([chinese.code, chinese.stderr]).to.deep.equal([2, `${zh}\n`])
      const byLocale = await runDoctor([...args], { LANG: 'zh_CN.UTF-8' })
      expect(byLocale.stderr).to.equal(`${zh}\n`)
    })
  }
})
