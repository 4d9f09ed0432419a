// Real User-Agents of browsers, of the Alipay app, and of other apps with a browser inside.
const ANDROID = 'Mozilla/5.0 (Linux; Android 14; PGT-AN10) AppleWebKit/537.36 (KHTML, like Gecko)'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'
const HARMONY = 'OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0'

export const AGENTS = {
  Windows: `${WINDOWS} Chrome/126.0.0.0 Safari/537.36`,
  macOS:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  Linux: 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
  'a HarmonyOS computer': `Mozilla/5.0 (PC; ${HARMONY} Safari/537.36 ArkWeb/4.1.6.1`,
  'a program': 'curl/8.8.0',
  'Alipay on Android': `${ANDROID} Version/4.0 UWS/3.22.2 UCBS/3.22.2 Mobile Safari/537.36 NebulaSDK/1.8 Nebula AlipayDefined(nt:WIFI,ws:384|0|2.8) AliApp(AP/10.6.0) AlipayClient/10.6.0 Language/zh-Hans`,
  'Alipay on an iPhone': `${IPHONE} Mobile/21F79 NebulaSDK/1.8 Nebula PSDType(1) AlipayDefined(nt:WIFI,ws:390|780|3.0) AliApp(AP/10.6.0) AlipayClient/10.6.0 Language/zh-Hans`,
  'Alipay on HarmonyOS': `Mozilla/5.0 (Phone; ${HARMONY} Mobile AliApp(AP/10.7.0) AlipayClient/10.7.0`,
  'Chrome on Android': `${ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36`,
  'Safari on an iPhone': `${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`,
  'UC Browser': `${ANDROID} Version/4.0 Chrome/100.0.0.0 UCBrowser/16.6.0 Mobile Safari/537.36`,
  'QQ on an iPhone': `${IPHONE} Mobile/15E148 QQ/9.0.60.618 V1_IPH_SQ_9.0.60_1_APP_A`,
  'a HarmonyOS phone': `Mozilla/5.0 (Phone; ${HARMONY} Safari/537.36 ArkWeb/4.1.6.1 Mobile`,
  'Firefox on Android': 'Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0',
  'an unknown app on an iPhone': `${IPHONE} Mobile/15E148`,
  'WeChat on Android': `${ANDROID} Version/4.0 Chrome/122.0.0.0 Mobile Safari/537.36 XWEB/1220089 MMWEBSDK/20240404 MicroMessenger/8.0.49 Language/zh_CN`,
  'WeChat on an iPhone': `${IPHONE} Mobile/21F79 MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN`,
  'WeChat on Windows': `${WINDOWS} Chrome/107.0.0.0 Safari/537.36 MicroMessenger/7.0.20 WindowsWechat`,
} as const

/** The headers of a page navigation with one of these browsers. */
export function navigation(agent: keyof typeof AGENTS): Record<string, string> {
  return { 'user-agent': AGENTS[agent], accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
}
