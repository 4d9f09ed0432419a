import { expect } from 'chai'
import {
  errorMessage,
  type FailureCode,
  failureMessage,
  type Language,
  languageOf,
} from '../lib/index.js'
import { FAILURES } from '../lib/messages.js'

const CHINESE = /^[\u4e00-\u9fff，。：；“”、]+。$/
const ENGLISH = /^[A-Z][\x20-\x7e]+\.$/

describe('failureMessage', () => {
  for (const code of Object.keys(FAILURES) as FailureCode[]) {
    it(`has full sentences for ${code} in both languages`, () => {
      expect(failureMessage(code, 'en')).to.match(ENGLISH)
      expect(failureMessage(code, 'zh')).to.match(CHINESE)
    })
  }
})

describe('errorMessage', () => {
  for (const [code, status] of [
    ['puzzle_refused', 400],
    ['code_not_sent', 400],
    ['session_ended', 401],
    ['input_malformed', 400],
    ['unreachable', 503],
    ['misconfigured', 500],
  ] as const) {
    it(`has full sentences for ${code} in both languages`, () => {
      expect(errorMessage({ code, status }, 'en')).to.match(ENGLISH)
      expect(errorMessage({ code, status }, 'zh')).to.match(CHINESE)
    })
  }

  it('has the same message for a misconfigured app and a busy OneAccess', () => {
    for (const language of ['en', 'zh'] as const) {
      const wrong = errorMessage({ code: 'misconfigured', status: 500 }, language)
      expect(wrong).to.equal(errorMessage({ code: 'busy', status: 503 }, language))
    }
  })
})

describe('languageOf', () => {
  const HEADERS: [header: string, language: Language][] = [
    ['', 'en'],
    ['*', 'en'],
    ['fr-FR,fr;q=0.9', 'en'],
    ['zh', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['zh-Hant-TW', 'zh'],
    ['en-GB,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['en;q=0.1, ZH-cn;q=0.2', 'zh'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['zh;q=0', 'en'],
    ['fr, zh;q=0.5', 'zh'],
    ['zh;q=x', 'en'],
    ['zhuang', 'en'],
  ]
  for (const [header, language] of HEADERS) {
    it(`returns ${language} for ${JSON.stringify(header)}`, () => {
      expect(languageOf(header)).to.equal(language)
    })
  }

  it('reads hostile headers in less than 100 ms', () => {
    const began = performance.now()
    languageOf('zh;q='.repeat(20_000))
    languageOf(`zh${'-a'.repeat(30_000)}!`)
    expect(performance.now() - began).to.be.lessThan(100)
  })
})
