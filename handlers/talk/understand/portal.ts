import { cleanName } from '../../../common/names.ts'
import type { PhraseReader } from './intent.ts'

const customerOf = (text: string | undefined): { customer?: string } => {
  const customer = cleanName((text ?? '').replace(/^[\s:：,，给]+|[\s。!！]+$/g, ''), 60)
  return customer === '' ? {} : { customer }
}

/** `分享进度 长安汽车`, `分享长安汽车的进度`; `撤销分享 长安汽车`. */
export const readPortal: PhraseReader = text => {
  if (text.length > 120 || text.includes('\n')) return null
  const revoke = /^(?:撤销|撤回|取消|停止|收回)(?:进度)?分享(?:进度|链接)?([\s\S]*)$/.exec(text)
  if (revoke) return { type: 'portal.revoke', ...customerOf(revoke[1]) }
  const share = /^分享(?:项目|合同)?进度(?:链接)?([\s\S]*)$/.exec(text) ?? /^分享([^,，。]{1,60}?)(?:的)?进度$/.exec(text)
  return share && { type: 'portal.share', ...customerOf(share[1]) }
}
