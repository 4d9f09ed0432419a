import type { Settings } from '../../lib/options.js'
import type { Words } from './finding.js'

/** What a person must see to in a console: no call tells it. */
export interface ConsolePoint<Text = Words> {
  about: string
  says: Text
}

/** The points that teams get wrong, with the values of this app. */
export function consolePoints({ origin, web }: Settings): ConsolePoint[] {
  const app = web?.alipayAppID ?? ''
  const callback = web?.callbackURL.href ?? ''
  return [
    ...POINTS,
    {
      about: 'callback addresses',
      says: {
        en: `at Alipay, the app ${app} needs both as its authorization callback address: the one that the tenant's source shows (on ${origin}), and the app's own, ${callback}`,
        zh: `支付宝应用 ${app} 的授权回调地址要填两个：租户认证源页面上显示的（在 ${origin}），以及应用自己的 ${callback}`,
      },
    },
  ]
}

const POINTS: ConsolePoint[] = [
  {
    about: 'authentication integration',
    says: {
      en: 'of the application at OneAccess must be SDK/API; once chosen it cannot be changed, so another choice means a new application',
      zh: 'OneAccess 应用的认证集成方式必须是 SDK/API；选定后不能修改，选错了只能新建应用',
    },
  },
  {
    about: 'authentication source',
    says: {
      en: 'one per login scenario (scan, app, mini program), each with its own Alipay app; ALIPAY_APP_ID is that of the scenario in use',
      zh: '每种登录场景（扫码、App、小程序）各建一个认证源，各用自己的支付宝应用；ALIPAY_APP_ID 是所用场景的那一个',
    },
  },
  {
    about: 'key mode',
    says: {
      en: 'the Alipay app must sign by public key (公钥), not by certificate, and the source holds the private key of the same pair',
      zh: '支付宝应用的接口加签方式要选公钥模式，不能选证书模式；认证源中填同一对密钥的应用私钥',
    },
  },
  {
    about: 'API permission',
    says: {
      en: "is given in two places of the tenant's console: Resources > Enterprise APIs, application authorization; then the application itself, API permissions, built-in APIs",
      zh: '要在租户控制台的两处授权：先是“资源 > 企业API”的“应用授权”，再是该应用的“API权限”中的内置 API',
    },
  },
  {
    about: 'IP allowlist',
    says: {
      en: 'if the application or the Alipay app has one, it must hold the address by which this server goes out',
      zh: '如果应用或支付宝应用设置了 IP 白名单，其中必须有本服务器的出口地址',
    },
  },
  {
    about: 'registration',
    says: {
      en: "unless the source lets an unlinked user register, an unknown person can only be linked to a user who exists (info.code social_bind); 开启注册 is switched on under the console's interface configuration, in its global parameters",
      zh: '认证源的“未关联用户时”选“绑定”，未知用户就只能绑定已有用户（info.code 为 social_bind）；“开启注册”在“设置 > 界面配置”的“设置全局参数”里',
    },
  },
  {
    about: 'SMS quota',
    says: {
      en: 'first logins and second factors send codes: when the quota is used up, code_not_sent is all that the app sees',
      zh: '首次登录和二次认证要发短信验证码：额度用完后，应用只会看到 code_not_sent',
    },
  },
  {
    about: 'code of a web page',
    says: {
      en: 'open: no document says whether the SDK login call takes the code of a web page as well as one of a native app; only a login at the tenant tells',
      zh: '未确定：没有文档说明 SDK 登录接口除了原生应用的授权码，是否也接受网页的授权码；只有在租户上登录一次才知道',
    },
  },
]
