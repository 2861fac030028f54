import { type ActivityCreated, activityCreateInput } from '../../common/contract/activities.ts'
import { ConflictError, InvalidError } from '../../common/errors.ts'
import { cleanText } from '../../common/names.ts'
import { defineCommand } from '../kernel/command.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'
import { draftSubject, requireOwnDraft } from '../talk/drafts.ts'

/** 写跟进: a note in a customer's history. */
export const createActivity = defineCommand({
  name: 'activities.create',
  title: '写跟进',
  input: activityCreateInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'transaction',
  async run({ services, actor, now, id }, input, session) {
    const { models, time } = services
    const customer = await visibleCustomer(services, actor, input.customerId)
    await requireOwnDraft(services, actor, input.draftId, 'activity')
    const text = cleanText(input.text, 2000)
    if (!text) throw new InvalidError('activity.empty', '请填写跟进内容。', { fields: { text: '请填写跟进内容' } })
    const at = new Date(now)
    const activityId = id('activity')
    await models.activities.insert(
      { _id: activityId, customerId: customer._id, kind: input.kind, text, byId: actor.personId, at },
      { session },
    )
    await models.timeline.add(
      {
        _id: id('timeline'),
        customerId: customer._id,
        at,
        type: 'activity',
        title: input.kind === '其他' ? '跟进' : input.kind,
        text,
        byId: actor.personId,
      },
      { session },
    )
    await models.customers.touch(customer._id, at, { session })
    await models.leads.advance(customer._id, '跟进中', ['新建'], { session })
    const touch: string[] = []
    if (input.draftId) {
      const closed = await models.talk.close(
        input.draftId,
        'done',
        { id: customer._id, note: `跟进已写入 · ${time.stamp(now, now)}`, at },
        { session },
      )
      if (!closed) throw new ConflictError('draft.closed', '这份草稿已经处理过,没有重复写入。')
      touch.push(draftSubject(input.draftId))
    }
    const result: ActivityCreated = { activityId }
    return { result, subject: `customer:${customer._id}`, touch }
  },
})
