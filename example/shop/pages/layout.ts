import type { Demo } from '../config.js'
import type { Language, Words } from '../language.js'
import type { User } from '../users.js'
import { html, type Markup } from './html.js'

/** Who views a page, and in which language. */
export interface View {
  language: Language
  /** The page's own path and query, for the link to the other language. */
  address: string
  user?: User | undefined
  /** The user could not be determined, so the page offers no login link: they may be logged in. */
  isUserUnknown?: boolean
  demo?: Demo | undefined
}

/** The content of a page. */
export interface Content {
  title: string
  body: Markup
  /** A script in `assets`. */
  script?: string
  /** A style sheet in `assets`, in addition to the common ones. */
  style?: string
}

const words: Words<Record<string, string>> = {
  zh: {
    shop: '青岚茶铺',
    tagline: '好茶不急',
    skip: '跳到正文',
    login: '登录',
    logout: '退出登录',
    hello: '你好，',
    demo: '演示模式：没有接入真实的支付宝，谁都可以用任何身份登录。',
    console: '查看登录过程中的每次调用',
    footer: '青岚茶铺是 passport-oneaccess-alipay 的示例应用：一间没有真货的小店。',
  },
  en: {
    shop: 'Qinglan Tea',
    tagline: 'Tea, unhurried',
    skip: 'Skip to content',
    login: 'Log in',
    logout: 'Log out',
    hello: 'Hello, ',
    demo: 'Demo: there is no real Alipay here, and anyone can log in as anyone.',
    console: 'See every call of the login',
    footer: 'Qinglan Tea is the example app of passport-oneaccess-alipay. It sells nothing.',
  },
}

/** A whole page: header, content, footer. */
export function page(view: View, { title, body, script, style }: Content): Markup {
  const text = words[view.language]
  return html`<!doctype html>
<html lang="${view.language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no">
<title>${title} · ${text.shop}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/shop.css">
<link rel="stylesheet" href="/assets/pages.css">
<link rel="stylesheet" href="/assets/account.css">
${style && html`<link rel="stylesheet" href="/assets/${style}">`}
${script && html`<script type="module" src="/assets/${script}"></script>`}
</head>
<body>
<a class="skip" href="#content">${text.skip}</a>
${header(view)}
${view.demo && demoBar(view.demo, view.language)}
<main id="content" tabindex="-1">
${body}
</main>
<footer class="foot"><p class="inside">${text.footer}</p></footer>
</body>
</html>
`
}

function header({ language, address, user, isUserUnknown }: View): Markup {
  const text = words[language]
  return html`<header class="top">
<div class="inside">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="36" height="36">
<span><strong>${text.shop}</strong> <small>${text.tagline}</small></span></a>
<nav aria-label="${language === 'zh' ? '账号与语言' : 'Account and language'}">
${otherLanguage(language, address)}
${user ? account(user, language) : !isUserUnknown && !isLoginPage(address) && html`<a class="quiet" href="/login">${text.login}</a>`}
</nav>
</div>
</header>`
}

/** The pages of a login do not link to the login. */
function isLoginPage(address: string): boolean {
  return /^\/(login|challenge|auth)(?![\w-])/.test(address)
}

function account(user: User, language: Language): Markup {
  const text = words[language]
  return html`<div class="person"><span><span class="hello">${text.hello}</span><b>${user.name}</b></span>
<form method="post" action="/logout"><button class="quiet">${text.logout}</button></form></div>
<a class="quiet" id="login" href="/login" hidden>${text.login}</a>`
}

function otherLanguage(language: Language, address: string): Markup {
  const [path, search] = address.split('?')
  const query = new URLSearchParams(search)
  query.set('language', language === 'zh' ? 'en' : 'zh')
  const link = `${path}?${query}`
  return language === 'zh'
    ? html`<a class="language" href="${link}" lang="en" hreflang="en">English</a>`
    : html`<a class="language" href="${link}" lang="zh-CN" hreflang="zh-CN">中文</a>`
}

function demoBar({ consoleURL }: Demo, language: Language): Markup {
  const text = words[language]
  return html`<aside class="demo"><div class="inside"><p>${text.demo}</p>
<a href="${consoleURL}" target="_blank" rel="noopener">${text.console}</a></div></aside>`
}
