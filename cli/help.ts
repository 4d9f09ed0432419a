import type { Words } from './doctor/finding.js'

export const DOCTOR_HELP: Words = {
  en: `passport-oneaccess-alipay doctor [--live] [--json] [--env FILE]
                                [--id-token FILE] [--language zh|en]

Checks the settings of an app step by step, and says what is right, what is wrong and how to
fix it. Run it in the app's folder, with the app's environment.

  --live      also calls the tenant: reads its clock and keys, asks for an access token,
              and sends a made-up token, ticket and code, to see how they are refused.
              This uses up and changes nothing; the tenant's log may show the refusals.
              Also connects to Redis, without the password, if REDIS_URL is set
  --env FILE  also reads settings from FILE; the environment takes precedence, as with
              node --env-file=FILE
  --id-token FILE
              with --live: says which kind of id_token the tenant issues, given one from a login
              (from req.oneaccess.idToken()); - reads it from standard input
  --json      one JSON object instead of text
  --language zh|en
              the language of the output; default: from LC_ALL, LC_MESSAGES or LANG, else the
              system's language
  --help      this text

Settings: ONEACCESS_DOMAIN, ONEACCESS_CLIENT_ID, ONEACCESS_CLIENT_SECRET, ALIPAY_APP_ID, CALLBACK_URL;
optional: ALIPAY_AUTHORIZATION_URL, ONEACCESS_LOGIN_VERSION, ONEACCESS_REFRESH_WITH,
ONEACCESS_TENANT_ID, SESSION_SECRET, TOKEN_SECRET, REDIS_URL, PORT, NODE_ENV, HTTPS_PROXY, HTTP_PROXY,
ALL_PROXY, NO_PROXY.

Exit code: 0 if there are no errors, 1 if there are, 2 if the command line is wrong.
`,
  zh: `passport-oneaccess-alipay doctor [--live] [--json] [--env FILE]
                                [--id-token FILE] [--language zh|en]

逐项检查应用的配置，指出哪些正确、哪些有误、该如何修改。请在应用目录中运行，并带上应用的环境变量。

  --live      同时调用租户：读取租户的时钟和公钥，申请访问凭据，并发送编造的令牌、
              票据和授权码，根据返回的错误来判断。不会使任何授权码或令牌失效，
              也不改动数据；租户日志中可能会出现这些失败的调用。
              如果设置了 REDIS_URL，还会连接 Redis，但不发送密码
  --env FILE  同时从 FILE 读取配置；环境变量优先，与 node --env-file=FILE 相同
  --id-token FILE
              与 --live 一起使用：根据一次登录得到的 id_token
              （即 req.oneaccess.idToken() 的返回值），判断租户签发的是哪一种 id_token；
              - 表示从标准输入读取
  --json      输出 JSON 对象，而不是文本
  --language zh|en
              输出语言；未指定时由 LC_ALL、LC_MESSAGES 或 LANG 决定，都没有设置时使用系统语言
  --help      显示本说明

必需的环境变量：ONEACCESS_DOMAIN、ONEACCESS_CLIENT_ID、ONEACCESS_CLIENT_SECRET、ALIPAY_APP_ID、CALLBACK_URL；
可选的环境变量：ALIPAY_AUTHORIZATION_URL、ONEACCESS_LOGIN_VERSION、ONEACCESS_REFRESH_WITH、
ONEACCESS_TENANT_ID、SESSION_SECRET、TOKEN_SECRET、REDIS_URL、PORT、NODE_ENV、HTTPS_PROXY、HTTP_PROXY、
ALL_PROXY、NO_PROXY。

退出码：0 表示没有错误，1 表示有错误，2 表示命令用法有误。
`,
}

export const SIMULATE_HELP: Words = {
  en: `passport-oneaccess-alipay simulate [--port N] [--set NAME=VALUE]… [--write FILE]

Runs a simulated OneAccess tenant and a simulated Alipay on loopback, with a page that shows every
call as it happens. It is not an identity provider: anyone can log in as anyone. Never use it to
protect anything.

  --port N               the port to listen on; default 7710, 0 picks a free one
  --host ADDRESS         default 127.0.0.1; anything but loopback requires --allow-remote
  --allow-remote         lets others on the network log in as anyone
  --client-id ID         default simulated-client
  --client-secret TEXT   default: a new one on each start
  --alipay-app-id ID     default 2021000000000001
  --callback-url URL     may be given several times; default: any address on loopback
  --people FILE.json     test users that replace the built-in ones: a list of
                         { id, userName, name, outcome, mobile?, email?, after?, flows?, note?, avatar? }
  --faults FILE.json     faults that are active from the start: a list of { endpoint, times?, … }
  --rotation MODE        never, always or grace: what a refresh does to the session token
  --product NAME         oneaccess or ciam: whose error codes it returns
  --set NAME=VALUE       any setting by its name; may be given several times: rotation, graceSeconds,
                         reuse, omitSessionToken, idTokenAtLogin, idTokenLife, sessionLife,
                         accessTokenLife, idTokenShape, idTokenAlgorithm, userShape,
                         credentialErrors, tenantID, loginVersions (v2,v3), product,
                         refreshCalls (id-token,session-token,signed-id-token)
  --write FILE           also writes the settings that an app needs into FILE (.env), replacing
                         those of an earlier run; other lines stay, and only the owner can read
                         it. Refuses if FILE contains a tenant's settings
  --language zh|en       the language of the output; default: from LC_ALL, LC_MESSAGES or LANG,
                         else the system's language
  --help                 this text

Runs until it is interrupted. Exit code: 0, or 2 if the command line is wrong.
`,
  zh: `passport-oneaccess-alipay simulate [--port N] [--set NAME=VALUE]… [--write FILE]

在本机回环地址上模拟 OneAccess 租户和支付宝，并提供一个页面，实时显示每次调用。
它不是身份提供商：谁都可以用任何身份登录。切勿用它来控制对真实系统的访问。

  --port N               监听端口；默认 7710，0 表示任意空闲端口
  --host ADDRESS         监听地址；默认 127.0.0.1，使用非回环地址时需要加 --allow-remote
  --allow-remote         允许网络中的其他人访问，他们也可以用任何身份登录
  --client-id ID         默认 simulated-client
  --client-secret TEXT   默认每次启动时重新生成
  --alipay-app-id ID     默认 2021000000000001
  --callback-url URL     可以多次指定；默认接受本机回环地址上的任何回调
  --people FILE.json     用文件中的用户代替内置的用户；文件内容是一个列表，每项为
                         { id, userName, name, outcome, mobile?, email?, after?, flows?, note?, avatar? }
  --faults FILE.json     启动时预设的故障；文件内容是一个列表，每项为 { endpoint, times?, … }
  --rotation MODE        never、always 或 grace：刷新时如何处理会话令牌
  --product NAME         oneaccess 或 ciam：返回哪个产品的错误码
  --set NAME=VALUE       按名称修改任意配置项，可以多次指定：rotation、graceSeconds、
                         reuse、omitSessionToken、idTokenAtLogin、idTokenLife、sessionLife、
                         accessTokenLife、idTokenShape、idTokenAlgorithm、userShape、
                         credentialErrors、tenantID、loginVersions（v2,v3）、product、
                         refreshCalls（id-token,session-token,signed-id-token）
  --write FILE           同时把应用需要的配置写入 FILE（.env），替换上次运行写入的值；
                         其他行保持不变，仅文件所有者可读。FILE 中已有租户的配置时拒绝写入
  --language zh|en       输出语言；未指定时由 LC_ALL、LC_MESSAGES 或 LANG 决定，都没有设置时使用系统语言
  --help                 显示本说明

持续运行，按 Ctrl+C 结束。退出码为 0；命令用法有误时为 2。
`,
}

export const COMMANDS_HELP: Words = {
  en: `passport-oneaccess-alipay COMMAND [options]

  doctor    checks the settings of an app and, on request, the tenant
  simulate  runs a simulated OneAccess and Alipay on loopback
`,
  zh: `passport-oneaccess-alipay COMMAND [选项]

  doctor    检查应用的配置，也可以检查租户
  simulate  在本机回环地址上模拟 OneAccess 和支付宝
`,
}
