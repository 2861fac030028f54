const TEXTS: Record<string, string> = {
  'auth.code_invalid': '登录码已失效,请重新登录。',
  'auth.state_invalid': '这次登录等得太久了,请重新登录。',
  'auth.not_member': '您不在这家公司的通讯录里,请联系管理员。',
  'auth.unknown_person': '您不在这家公司的通讯录里,请联系管理员。',
  'auth.inactive': '您的账号已停用,请联系管理员。',
  'channel.unreachable': '暂时连不上登录平台,请稍后重试。',
}

/** Why the platform's login came back without a session, for the person. */
export const loginErrorText = (code: string) => TEXTS[code] ?? '平台没有完成登录,请重试。'
