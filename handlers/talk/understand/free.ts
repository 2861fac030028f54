import type { PhraseReader } from './intent.ts'
import { cutPhone, readLeadFields } from './lead-fields.ts'
import { isCompanyLike } from './score.ts'

const FILLERS =
  /(?:麻烦|请|帮忙|帮我|给我)?(?:记一下|记录一下|记下来|登记一下|录一下|录入|登记|新建|新增|建一?个|加一?个)(?:一?[条个])?(?:新)?(?:线索|客户|商机)?|(?:刚才|刚刚|今天|昨天|上午|下午)|(?:有一?个|来了个)(?:新)?(?:客户|线索|商机)|他(?:的)?(?=电话|手机|预算)/g
const WANTS =
  /(?:他们?|那边)?(?:想要|想做|想办|想装|想上|想开|想了解|需要|要做|要办|要装|要开|咨询(?:一下|了)?|打算(?:做|办|上)?)/g
const LIKES = /对([^\s,，。;；]{1,30}?)(?:比较|很|挺|非常)?(?:感兴趣|有兴趣|有意向)/g

/**
 * A lead told in a sentence (`帮我记一下,长安汽车的张伟想要专线,电话13812345678,预算大概80万`). Only when a telephone number and something
 * that is surely a company are in it: a person confirms, but should not have to correct nonsense.
 */
export const readFreeLead: PhraseReader = text => {
  if (text.length > 500 || cutPhone(text).phone === undefined) return null
  const plain = text.replace(FILLERS, '\n').replace(LIKES, '\n需求:$1\n').replace(WANTS, '\n需求:')
  const lead = readLeadFields(plain)
  return lead.company !== undefined && isCompanyLike(lead.company) ? lead : null
}
