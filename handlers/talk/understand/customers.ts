import { cleanName } from '../../../common/names.ts'
import type { PhraseReader } from './intent.ts'

const LONGEST_QUERY = 100
const HISTORY = /(?:(?:\s|的)*(?:历史|历史记录|跟进记录|往来记录|往来|资料|情况|档案)| 360)[\s。?？]*$/
/** Words that begin or are a question about something other than a customer. */
const NOT_A_CUSTOMER =
  /^(?:我|你|您|他|她|它|咱|大家|今天|明天|昨天|天气|这|那|哪|谁|什么|怎么|为什么|如果|请|能|可以|公司|系统|业绩|本月|最近|审批|待办|合同审批)/

const query = (text: string): string => cleanName(text.replace(/^[\s:：,，]+|[\s。?？!！]+$/g, ''), LONGEST_QUERY)

/** `查 长安`, `查长安`, `查 caqc`, `长安汽车 历史`. */
export const readFind: PhraseReader = text => {
  const asked = /^(?:查询|查找|查看|查一下|查下|查|搜索|搜一下|搜)(?:客户(?=[\s:：]))?([\s\S]*)$/.exec(text)?.[1]
  if (asked !== undefined)
    return { type: 'customer.find', query: query(asked.slice(0, 200).replace(HISTORY, '') || asked.slice(0, 200)) }
  const named = text.length <= 60 && !/[么啥]情况/.test(text) && HISTORY.test(text) ? text.replace(HISTORY, '') : ''
  const isName = /^[^\n,，。;；]{2,40}$/.test(named) && !NOT_A_CUSTOMER.test(named)
  return isName ? { type: 'customer.find', query: query(named) } : null
}

/** `拜访 长安汽车`, `明天下午去拜访长安汽车`: the brief for a visit. */
export const readVisit: PhraseReader = text => {
  const day = '(?:今天|明天|后天|下周|上午|下午|晚上|等下|马上|准备|要|我|想)'
  const match = new RegExp(`^${day}{0,4}(?:去|再)?拜访(?:一下|客户(?=[\\s:：]))?([^,，。;；\\n]{0,100})`).exec(text)
  return match && !/^[了过完]/.test(match[1] ?? '') ? { type: 'customer.visit', query: query(match[1] ?? '') } : null
}

/** `谁负责 长安汽车`, `长安汽车谁负责`, `长安汽车的负责人是谁`. */
export const readOwner: PhraseReader = text => {
  const [, after, before] =
    /^(?:请问)?(?:谁(?:在)?(?:负责|跟进)([^\n,，。;；]{1,60})|([^\n,，。;；]{2,40}?)(?:这个客户)?(?:\s|的|是|由|归)*(?:谁(?:在)?(?:负责|跟进|管)(?:的)?|负责人是谁))[\s。?？]*$/.exec(
      text,
    ) ?? []
  const named = query(after ?? before ?? '')
  return named && !NOT_A_CUSTOMER.test(named) ? { type: 'customer.owner', query: named } : null
}

/** `长安最近怎么样`, `帮我看看长安汽车什么情况`: a question about a name and nothing else. */
export const readQuestion: PhraseReader = text => {
  if (text.length > 60) return null
  const said = text.replace(/^(?:请问|请|帮我|帮忙|麻烦)?(?:看看|看一下|查查|了解一下|问一下|说说)?\s*/, '')
  const named =
    /^([^\n,，。;；?？!！]{2,30}?)(?:的|这个客户|公司那边|那边)?(?:最近|现在|近来|目前)?(?:怎么样|咋样|如何|什么情况|啥情况|进展如何|有什么进展)(?:了|呢|啊)?[\s。?？]*$/.exec(
      said,
    )?.[1]
  return named && !NOT_A_CUSTOMER.test(named) ? { type: 'customer.find', query: query(named) } : null
}
