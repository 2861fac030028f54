const TEXTS: Record<string, string> = {
  'auth.code_invalid': '登录码已失效,请重新登录。',
  'auth.state_invalid': '这次登录等得太久了,请重新登录。',
  'auth.denied': '平台没有授权登录,请重试。',
  'person.unknown': '您的账号不在应用的可见范围内,请联系管理员。',
  'channel.unreachable': '暂时连不上登录平台,请稍后重试。',
}

/** Why the platform's login came back without a session, for the person. */
export const loginErrorText = (code: string) => TEXTS[code] ?? '平台没有完成登录,请重试。'
