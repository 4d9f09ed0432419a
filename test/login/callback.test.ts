import { expect } from 'chai'
import type { Request } from 'express'
import { consentPage, isCallback, isPrefetch, readCallback } from '../../lib/login/callback.js'

const CALLBACK = new URL('https://shop.example.com/auth/callback')
const at = (originalUrl: string) => ({ originalUrl }) as Request
const read = (query: string) => readCallback(at(`/auth/callback?${query}`))

describe('consentPage', () => {
  const pageOf = (authorizationURL: string, state = 's1') =>
    consentPage(
      {
        alipayAppID: '2021000000000001',
        callbackURL: CALLBACK,
        scope: 'auth_base,auth_user',
        authorizationURL: new URL(authorizationURL),
      },
      state,
    )

  it('keeps other parameters of authorizationURL and sets each of its own once', () => {
    const page = new URL(pageOf('https://alipay.example/auth?channel=7&state=old&scope=old#top'))
    expect(page.origin + page.pathname).to.equal('https://alipay.example/auth')
    expect([...page.searchParams]).to.deep.equal([
      ['channel', '7'],
      ['scope', 'auth_base,auth_user'],
      ['app_id', '2021000000000001'],
      ['redirect_uri', CALLBACK.href],
      ['state', 's1'],
    ])
    expect(page.hash).to.equal('#top')
  })

  it('encodes the state', () => {
    expect(pageOf('https://alipay.example/auth', 'a&b')).to.match(/&state=a%26b$/)
  })
})

describe('isCallback', () => {
  for (const name of ['auth_code', 'state', 'error', 'error_code', 'error_description']) {
    it(`recognizes a callback by ${name}, even an empty one, at any path`, () => {
      expect(isCallback(at(`/plain?${name}=x`), CALLBACK)).to.equal(true)
      expect(isCallback(at(`/plain?a=b&${name}=`), CALLBACK)).to.equal(true)
    })
  }

  it('recognizes a callback by its path, with any query', () => {
    for (const url of ['/auth/callback', '/auth/callback?', '/auth/callback?utm=7?state']) {
      expect(isCallback(at(url), CALLBACK), url).to.equal(true)
    }
  })

  it('recognizes every spelling of the path that a router accepts for the same route', () => {
    for (const url of [
      '/auth/callback/',
      '/auth/Callback',
      '/AUTH/callback/?',
      '//auth//callback',
    ]) {
      expect(isCallback(at(url), CALLBACK), url).to.equal(true)
    }
  })

  it('recognizes the path behind a proxy that strips or adds a prefix', () => {
    const shop = new URL('https://example.com/shop/v2/auth/callback/')
    for (const url of [
      '/v2/auth/callback',
      '/auth/callback',
      '/Callback/',
      '/x/shop/v2/auth/callback',
    ]) {
      expect(isCallback(at(url), shop), url).to.equal(true)
    }
    for (const url of ['/', '/back', '/auth', '/x/auth/callback', '/auth/callback/x']) {
      expect(isCallback(at(url), shop), url).to.equal(false)
    }
  })

  it('recognizes only the root when callbackURL has no path', () => {
    const root = new URL('https://shop.example.com')
    expect(isCallback(at('/?utm=7'), root)).to.equal(true)
    expect(isCallback(at('/login'), root)).to.equal(false)
  })

  it('returns false for other URLs', () => {
    for (const url of ['/login', '/login?utm=7', '/auth', '/callbacks', '/login/&state=x']) {
      expect(isCallback(at(url), CALLBACK), url).to.equal(false)
    }
  })

  it('uses req.originalUrl, and req.url where there is none', () => {
    const behind = { originalUrl: '/auth/callback', url: '/callback' } as Request
    expect(isCallback(behind, CALLBACK)).to.equal(true)
    const mounted = { originalUrl: '/auth/callback/more', url: '/auth/callback' } as Request
    expect(isCallback(mounted, CALLBACK)).to.equal(false)
    expect(isCallback({ url: '/auth/callback?a=b' } as Request, CALLBACK)).to.equal(true)
    expect(readCallback({ url: '/callback?state=s1' } as Request)).to.have.property('state', 's1')
  })
})

describe('readCallback', () => {
  it('reads state, auth_code and app_id in any order, and nothing else', () => {
    expect(read('scope=auth_user&state=s1&source=alipay&auth_code=c1&app_id=2021')).to.deep.equal({
      state: 's1',
      code: 'c1',
      appID: '2021',
      error: undefined,
      malformed: undefined,
    })
  })

  it('treats missing and empty parameters as absent, not as malformed', () => {
    const nothing = {
      state: undefined,
      code: undefined,
      appID: undefined,
      error: undefined,
      malformed: undefined,
    }
    expect(read('')).to.deep.equal(nothing)
    expect(read('state=&auth_code=&app_id=&error=&error_code=&error_description=')).to.deep.equal(
      nothing,
    )
  })

  for (const [name, error] of [
    ['error', 'x'],
    ['error_code', 'x'],
    ['error_description', ''],
  ] as const) {
    it(`recognizes an error by ${name} alone`, () => {
      expect(read(`${name}=x&state=s1`)).to.deep.include({ error, state: 's1' })
    })
  }

  it('prefers error to error_code', () => {
    expect(read('error_code=2&error=1&error_description=3')).to.include({ error: '1' })
  })

  for (const name of ['auth_code', 'state', 'app_id', 'error', 'error_code', 'error_description']) {
    const wrong = {
      'is repeated': `${name}=a&${name}=b`,
      'is repeated, once empty': `${name}=a&${name}=`,
      'is an array': `${name}[]=a`,
      'is both a string and an object': `${name}=a&${name}[x]=b`,
      'is too long': `${name}=${'a'.repeat(513)}`,
      'contains a control character': `${name}=a%00b`,
      'ends with a control character': `${name}=a%7f`,
    }
    for (const [problem, query] of Object.entries(wrong)) {
      it(`names ${name} as malformed when it ${problem}, and reads the other parameters`, () => {
        const others = ['auth_code', 'state'].filter((one) => one !== name)
        const callback = read([query, ...others.map((one) => `${one}=1`)].join('&'))
        expect(callback.malformed?.info).to.deep.equal({
          code: 'parameters_malformed',
          message: `The request is malformed. ${name} must be given once, as a short string.`,
        })
        expect(callback).to.deep.include(
          name === 'state' ? { code: '1' } : name === 'auth_code' ? { state: '1' } : { code: '1' },
        )
      })
    }
  }

  it('returns no value for a repeated or an overlong parameter', () => {
    expect(read('auth_code=a&auth_code=b&state=s1')).to.deep.include({ code: undefined })
    expect(read(`state=${'a'.repeat(513)}&auth_code=c`)).to.deep.include({ state: undefined })
  })

  it('accepts 512 characters, and other parameters with similar names', () => {
    const longest = 'a'.repeat(512)
    expect(read(`auth_code=${longest}&state=s1&states=7&x[state]=1`)).to.deep.equal({
      state: 's1',
      code: longest,
      appID: undefined,
      error: undefined,
      malformed: undefined,
    })
  })

  it('names the first malformed parameter', () => {
    expect(read('state=a&state=b&auth_code=a&auth_code=b').malformed?.info.message).to.include(
      'auth_code',
    )
  })
})

describe('isPrefetch', () => {
  const asked = (headers: Record<string, string>, method = 'GET') =>
    isPrefetch({ method, headers } as unknown as Request)

  for (const [name, value] of [
    ['sec-purpose', 'prefetch;prerender'],
    ['sec-purpose', 'prerender'],
    ['purpose', 'prefetch'],
    ['x-moz', 'Prefetch'],
    ['x-purpose', 'preview'],
  ] as const) {
    it(`recognizes a prefetch by ${name}: ${value}`, () => {
      expect(asked({ [name]: value })).to.equal(true)
      expect(asked({ 'user-agent': value })).to.equal(false)
    })
  }

  it('treats HEAD as a prefetch, but not a normal GET', () => {
    expect(asked({}, 'HEAD')).to.equal(true)
    expect(asked({}, 'GET')).to.equal(false)
    expect(asked({ 'sec-purpose': 'navigate', purpose: '' })).to.equal(false)
  })
})
