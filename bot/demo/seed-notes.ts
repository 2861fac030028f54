import type { z } from 'zod'
import type { activityCreateInput } from '../../common/contract/activities.ts'

export interface SampleNote {
  kind: z.output<typeof activityCreateInput>['kind']
  text: string
}

/** What a salesperson notes down, in the order a deal goes; `{contact}` and `{interest}` are filled in. */
const EARLY: readonly SampleNote[] = [
  { kind: '电话', text: '与{contact}通话,确认{interest}需求,约定上门勘察时间。' },
  { kind: '拜访', text: '上门拜访{contact},了解现网情况,对方希望本季度内上线{interest}。' },
  { kind: '微信', text: '把{interest}的同行业案例发给{contact},对方转给了分管领导。' },
  { kind: '电话', text: '{contact}来电询问{interest}的资费和工期,已答复并约下周面谈。' },
]

const MIDDLE: readonly SampleNote[] = [
  { kind: '拜访', text: '和技术同事一起做了现场勘察,{contact}陪同,机房空间和电源满足{interest}要求。' },
  { kind: '其他', text: '{interest}方案第二稿完成,比第一稿降低约一成,已发{contact}。' },
  { kind: '微信', text: '{contact}反馈还有一家在报价,重点比较售后响应时间。' },
  { kind: '拜访', text: '向{contact}和信息部汇报{interest}方案,现场提了三个问题,会后两天内书面答复。' },
]

const LATE: readonly SampleNote[] = [
  { kind: '电话', text: '与{contact}确认{interest}的付款方式,同意按进度分三次支付。' },
  { kind: '其他', text: '{interest}的合同文本已由对方法务看过,没有修改意见。' },
  { kind: '拜访', text: '回访{contact},对目前的服务满意,提到明年还有新园区要建。' },
  { kind: '微信', text: '给{contact}发了本月的服务报告,约定月底电话回访。' },
]

const filled = (note: SampleNote, words: { contact: string; interest: string }): SampleNote => ({
  ...note,
  text: note.text.replaceAll('{contact}', words.contact).replaceAll('{interest}', words.interest),
})

/** Three notes about one lead: one of each stage, chosen by `turn`. */
export function notesFor(turn: number, words: { contact: string; interest: string }): SampleNote[] {
  return [EARLY, MIDDLE, LATE].flatMap((stage, index) => {
    const note = stage[(turn + index) % stage.length]
    return note ? [filled(note, words)] : []
  })
}
