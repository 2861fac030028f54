import type { PhraseReader } from './intent.ts'
import { readLeadFields } from './lead-fields.ts'

const COMMAND = /^(?:(?:新建|新增|添加|录入|创建|登记|建|录|加)(?:一?[条个])?(?:新)?线索|新线索)[\s:：,，。]*([\s\S]*)$/

/** `新建线索 <公司> <联系人> <电话> <需求> 预算<金额>`, the fields in any order. */
export const readLead: PhraseReader = text => {
  const said = COMMAND.exec(text)?.[1]
  return said === undefined ? null : readLeadFields(said)
}
