import type { Settings } from '../../lib/options.js'
import type { Words } from './finding.js'

/** Something that a person must check in a console, because no call reveals it. */
export interface ConsolePoint<Text = Words> {
  about: string
  says: Text
}

/** What teams often get wrong there, with the values of this app. */
export function consolePoints({ origin, web }: Settings): ConsolePoint[] {
  const app = web?.alipayAppID ?? ''
  const callback = web?.callbackURL.href ?? ''
  return [
    ...POINTS,
    {
      about: 'callback addresses',
      says: {
        en: `at Alipay, the app ${app} needs two authorization callback addresses: the one that the tenant's authentication source shows (on ${origin}), and your app's own, ${callback}`,
        zh: `支付宝应用 ${app} 的授权回调地址要填两个：租户认证源页面上显示的（位于 ${origin}），以及应用自己的 ${callback}`,
      },
    },
  ]
}

const POINTS: ConsolePoint[] = [
  {
    about: 'authentication integration',
    says: {
      en: 'must be SDK/API for the application at OneAccess; it cannot be changed later, so a wrong choice means a new application',
      zh: 'OneAccess 应用的认证集成方式必须是 SDK/API；保存后不可修改，选错了只能新建应用',
    },
  },
  {
    about: 'authentication source',
    says: {
      en: 'create one per login scenario (scan, app, mini program), each with its own Alipay app; ALIPAY_APP_ID is the app_id for the scenario that you use',
      zh: '扫码、原生应用、小程序三种场景，各建一个认证源，各用一个支付宝应用；ALIPAY_APP_ID 填当前场景所用的那一个',
    },
  },
  {
    about: 'key mode',
    says: {
      en: 'the Alipay app must sign with a public key (公钥), not a certificate; the authentication source holds the matching private key',
      zh: '支付宝应用的接口加签方式要选公钥模式，不能选证书模式；认证源中填写与该公钥配对的应用私钥',
    },
  },
  {
    about: 'API permission',
    says: {
      en: "must be granted in two places in the tenant's console: Resources > Enterprise APIs, application authorization; then the application itself, API permissions, built-in APIs",
      zh: 'API 权限要在租户控制台的两处授权：先是“资源 > 企业API”的“应用授权”，再是该应用的“API权限 > 内置API”',
    },
  },
  {
    about: 'IP allowlist',
    says: {
      en: "if the application at OneAccess has one, it must contain this server's public outbound address; leave the Alipay app's own (服务器IP白名单) empty",
      zh: '如果 OneAccess 应用设置了 IP 白名单，其中必须包含本服务器的出口 IP；支付宝应用的“服务器IP白名单”请留空',
    },
  },
  {
    about: 'registration',
    says: {
      en: "unless the authentication source lets unlinked users register, they can only link an existing user (info.code social_bind); turn on 开启注册 in the global parameters of the console's interface configuration",
      zh: '认证源的“未关联用户时”如果选“绑定”，未关联用户只能绑定已有用户（info.code 为 social_bind）；“开启注册”位于“设置 > 界面配置”的“设置全局参数”中',
    },
  },
  {
    about: 'access',
    says: {
      en: 'users who register themselves also need access to the application, through a policy (授权策略) that gives it to everyone; otherwise their login fails with access_denied. Test it with such a user',
      zh: '自行注册的用户也要有该应用的访问权限（“授权管理 > 应用账号”的授权策略），否则登录时得到 access_denied：请用刚注册的用户再登录一次来确认',
    },
  },
  {
    about: 'SMS quota',
    says: {
      en: 'first logins and second factors send codes by text message; when the quota is used up, the app only sees code_not_sent',
      zh: '首次登录和二次认证要发送短信验证码；短信额度用完后，应用只会得到 code_not_sent',
    },
  },
  {
    about: 'code of a web page',
    says: {
      en: 'unknown: no document says whether the SDK login call accepts a code from a web page, or only from a native app; log in once at the tenant to find out',
      zh: '未确定：没有文档说明 SDK 登录接口除了原生应用的授权码，是否也接受网页的授权码；只有在租户上登录一次才知道',
    },
  },
]
