import { cleanName } from '../../../common/names.ts'
import type { Intent, PhraseReader } from './intent.ts'

const LISTS: readonly [RegExp, Intent][] = [
  [/^(?:查看?|看|看看)?(?:一下)?\s*(?:我的)?(?:待办|代办)(?:事项|列表|任务)?[\s。?？]*$/, { type: 'todo.list' }],
  [/^(?:查看?|看|看看)?(?:一下)?\s*(?:我的审批|待我审批|待审批|审批列表|审批)(?:列表)?[\s。?？]*$/, { type: 'approval.list' }],
  [/^(?:帮助|help|菜单|怎么用|你能做什么|使用说明|[?？])[\s。?？!！]*$/i, { type: 'help' }],
]

/** 待办, 我的审批, 帮助 and `流程用时 合同审批`. */
export const readList: PhraseReader = text => LISTS.find(([pattern]) => pattern.test(text))?.[1] ?? readPace(text)

const readPace: PhraseReader = text => {
  const rest = /^(?:查看?|看|看看)?\s*(?:流程|审批)(?:用时|效率|时效)(?=$|[\s:：。?？])([\s\S]{0,60})$/.exec(text)?.[1]
  if (rest === undefined) return null
  const process = cleanName(rest.replace(/^[\s:：]+|[\s。?？]+$/g, ''), 40)
  return { type: 'process.pace', ...(process && { process }) }
}
