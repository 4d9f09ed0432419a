import type { Problem } from '../../challenge/problem.js'
import type { Language, Words } from '../../language.js'

/** Title and lead for each status of a challenge. */
type Heads = Record<string, [title: string, lead: string]>

const heads: Words<Heads> = {
  zh: {
    SOCIAL_BIND: [
      '绑定你的账号',
      '支付宝授权成功。首次登录，请验证你在本店留过的手机或邮箱，以后一键即可登录。',
    ],
    USER_REGISTER: ['欢迎来到青岚茶铺', '支付宝授权成功。验证一次手机号或邮箱，以后一键即可登录。'],
    MFA_AUTH: ['请确认是你本人', '为了账号安全，我们会向你的手机发送验证码。'],
  },
  en: {
    SOCIAL_BIND: [
      'Link your account',
      'Alipay has confirmed who you are. This is your first login with Alipay: please verify a number or email that the shop has on file for you. Next time, one click is enough.',
    ],
    USER_REGISTER: [
      'Welcome to Qinglan Tea',
      'Alipay has confirmed who you are. Please verify a number or email. Next time, one click is enough.',
    ],
    MFA_AUTH: [
      'Confirm that it is you',
      'To keep your account safe, we will text a code to your phone.',
    ],
  },
}

export function headOf(status: string, language: Language): [title: string, lead: string] {
  const all = heads[language]
  return all[status] ?? all.MFA_AUTH ?? ['', '']
}

const problems: Record<Problem['code'], Words<string>> = {
  mobile_malformed: {
    zh: '请填写正确的手机号，例如 152 0000 0000。',
    en: 'Please enter a mobile number, such as 152 0000 0000.',
  },
  email_malformed: {
    zh: '请填写正确的邮箱，例如 name@example.com。',
    en: 'Please enter an email address, such as name@example.com.',
  },
  consent_missing: {
    zh: '注册新账号前，请先阅读说明并勾选同意。',
    en: 'To open an account, please read what we do with your data and tick the box.',
  },
  puzzle_refused: {
    zh: '拼图没有对准缺口，已换一张新图，请再试一次。',
    en: 'The piece was not in the gap. Here is a new picture: please try again.',
  },
  code_not_sent: {
    zh: '验证码发送失败。如果刚刚收到过验证码，请一分钟后再试。',
    en: 'The code could not be sent. If you got one just now, wait a minute and try again.',
  },
  too_early: {
    zh: '验证码刚刚发送过，请 {n} 秒后再试。',
    en: 'We have just sent a code there. Please try again in {n} seconds.',
  },
  verify_code_wrong: {
    zh: '验证码错误或已过期，还可以试 {n} 次。',
    en: 'The code is wrong or has expired. Tries left: {n}.',
  },
  verify_code_malformed: {
    zh: '请按收到的内容填写验证码，验证码是几位数字。',
    en: 'Please enter the code that you received. It is a few digits long.',
  },
  other_tab: {
    zh: '你在另一个标签页发起了新的登录，当前显示的就是新的这一次，请从这里继续。',
    en: 'You started another login in another tab. This is the newer one: please continue here.',
  },
  busy: {
    zh: '暂时连不上验证服务，与你的操作无关，请稍后再试。',
    en: 'We cannot reach the verification service right now. This is not your fault: please try again in a moment.',
  },
}

export function problemIn({ code, n = 0 }: Problem, language: Language): string {
  return problems[code][language].replace('{n}', String(n))
}

export const words = {
  zh: {
    steps: '第 {n} 步，共 2 步',
    last: '最后一步',
    linked: '账号已绑定。',
    problem: '出错了：',
    who: '你是第一次来吗？',
    register: '新顾客',
    registerHint: '注册新账号',
    bind: '老顾客',
    bindHint: '已有账号',
    way: '验证方式',
    mobile: '手机',
    email: '邮箱',
    mobileLabel: '手机号',
    emailLabel: '邮箱地址',
    sentTo: '验证码将发送到',
    consent: '我同意本店处理我的联系方式和设备信息，用于注册和登录。',
    privacy: '处理哪些信息、由谁处理、保存多久',
    privacyText:
      '联系方式（手机号或邮箱）用于发送验证码、识别你的账号；IP 地址、浏览器标识和设备标识用于防止冒用。这些信息由我们委托的身份服务商（华为云 OneAccess）处理。本店不向支付宝提供你的联系方式。账号存续期间保留，注销后删除；你可以随时联系店家查阅、更正信息，或撤回同意。',
    slide: '拖动拼块，对准缺口',
    help: '也可以用键盘的左右方向键移动。看不见图片？请联系店家，我们帮你办理。',
    unmoved: '请先把拼块拖到缺口处。',
    still: '未启用脚本时，拼块不会跟着移动：请让白框的左边对准缺口的左边。',
    noPuzzle: '拼图加载失败，请重新加载。',
    reload: '重新加载',
    send: '发送验证码',
    refresh: '换一张图',
    justSent: '刚刚给这个号码发过验证码。',
    goOn: '继续',
    codeTitle: '输入验证码',
    codeLead: '验证码已发送到 {to}。',
    codeLabel: '验证码',
    finish: { bind: '完成绑定', register: '完成注册', MFA_AUTH: '确认登录' },
    missed: '没有收到？',
    resend: '重新发送',
    count: '{n} 秒后可重新发送',
    ready: '现在可以重新发送了。',
    notThere: {
      bind: '验证码正确却无法绑定？这个手机号或邮箱可能没有对应的账号：',
      register: '验证码正确却无法注册？你可能已有账号：',
    },
    other: '换一个手机号或邮箱',
    time: '请在十分钟内、在当前浏览器中完成这一步。',
    over: '时间到了',
    overWhy: '为了账号安全，这一步需要在十分钟内完成。这次登录已经结束，请重新登录。',
    restart: '重新登录',
    home: '回到首页',
    leave: '换一个支付宝账号',
    demo: '演示环境不会真的发送短信和邮件，验证码显示在{link}。',
    demoLink: '模拟器的页面上',
    demoKnown: '已注册的顾客，例如：\n手机 {mobile}\n邮箱 {email}',
    demoNew: '新顾客可以使用任何未注册的号码，例如：\n手机 {mobile}',
  },
  en: {
    steps: 'Step {n} of 2',
    last: 'Last step',
    linked: 'Your account is linked. ',
    problem: 'There is a problem: ',
    who: 'Are you new here?',
    register: 'New customer',
    registerHint: 'Open an account',
    bind: 'Returning customer',
    bindHint: 'I have an account',
    way: 'Verify by',
    mobile: 'Mobile',
    email: 'Email',
    mobileLabel: 'Mobile number',
    emailLabel: 'Email address',
    sentTo: 'We will send the code to',
    consent:
      'I agree that the shop may use my contact and device details to open my account and log me in.',
    privacy: 'What we use, who gets it, for how long',
    privacyText:
      'We use your mobile number or email to send the code and to recognize your account. Your IP address, your browser’s name and a device fingerprint help us keep others out. Our identity provider (Huawei Cloud OneAccess) processes this data for us. The shop does not give your contact details to Alipay. We keep the data as long as your account exists, and delete it with the account. Contact the shop at any time to see or correct it, or to withdraw your consent.',
    slide: 'Slide the piece into the gap',
    help: 'You can also use the left and right arrow keys. Cannot see the picture? Contact the shop and we will help you.',
    unmoved: 'Please slide the piece into the gap first.',
    still:
      'Without scripts the piece does not move: line up the left edge of the white frame with the left edge of the gap.',
    noPuzzle: 'The puzzle could not be loaded. Please try again.',
    reload: 'Load it again',
    send: 'Send the code',
    refresh: 'Another picture',
    justSent: 'We have just sent a code to this number.',
    goOn: 'Continue',
    codeTitle: 'Enter the code',
    codeLead: 'We have sent a code to {to}.',
    codeLabel: 'Code',
    finish: { bind: 'Link my account', register: 'Open my account', MFA_AUTH: 'Log in' },
    missed: 'No code yet? ',
    resend: 'Send it again',
    count: 'You can ask for another one in {n} s',
    ready: 'You can ask for another one now.',
    notThere: {
      bind: 'Is the code correct but still refused? Perhaps no account has this number or email: ',
      register: 'Is the code correct but still refused? Perhaps you already have an account: ',
    },
    other: 'Use another number or email',
    time: 'Please finish this within ten minutes, in this browser. ',
    over: 'Time is up',
    overWhy:
      'For your safety, this step expires after ten minutes. This login has ended: please log in again.',
    restart: 'Log in again',
    home: 'Back to the shop',
    leave: 'Use another Alipay account',
    demo: 'This demo sends no real messages: the code is shown on {link}.',
    demoLink: 'the simulator’s page',
    demoKnown: 'A registered customer, for example:\nmobile {mobile}\nemail {email}',
    demoNew: 'A new customer can use any unregistered number, such as\nmobile {mobile}',
  },
}
