import type { PersonRow } from '../../../../../common/contract/people.ts'

const PLATFORM_NAMES: Record<string, string> = { wecom: '企业微信', dingtalk: '钉钉' }

/** `企业微信 zhang3` */
export const accountText = ({ platform, userId }: PersonRow['accounts'][number]) =>
  `${PLATFORM_NAMES[platform] ?? platform} ${userId}`

/** Roles that approval routes ask for; any other name may be typed. */
export const ROLE_SUGGESTIONS = ['技术', '财务', '副总', '法务']

/** The assigned roles with one more; blank, overlong and known names change nothing. */
export function withRole(roles: readonly string[], typed: string): string[] {
  const name = typed.trim()
  return name && name.length <= 20 && roles.length < 20 && !roles.includes(name) ? [...roles, name] : [...roles]
}
