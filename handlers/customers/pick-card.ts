import type { Card } from '../../cards/model.ts'
import { AppError } from '../../common/errors.ts'
import type { PickDoc } from '../../models/talk/index.ts'
import type { CardTemplate } from '../kernel/card-template.ts'
import { routes } from '../kernel/links.ts'
import { createTurn } from '../kernel/turn.ts'
import { visibleCustomer } from '../kernel/visible-customer.ts'
import type { Then } from './choose.ts'
import { closePick, PICK_CARD } from './pick-list.ts'
import { proceed } from './talk.ts'

const QUESTION = 'customer'

const question = ({ items, total }: PickDoc): string =>
  total > items.length
    ? `找到 ${total} 位客户,这里是最近的 ${items.length} 位;还有 ${total - items.length} 位,请把名称写得更完整。`
    : `找到 ${total} 位客户,选一位或回复序号。`

/** A list of customers to choose from, on the card itself. What was chosen stands on it afterwards. */
export const pickCard: CardTemplate = {
  name: PICK_CARD,

  async present(services, { pickId = '' }): Promise<Card> {
    const pick = await services.models.talk.pick(pickId)
    const link = services.links.h5(routes.todos)
    if (!pick) return { kind: '选择客户', title: '这个列表已过期,请重新查询', status: '已失效', facts: [], buttons: [], link }
    const base = { kind: '选择客户', title: question(pick), facts: [] }
    const chosen = pick.items.find(item => item.id === pick.picked)
    if (chosen) {
      const to = services.links.h5(routes.customer(chosen.id))
      return { ...base, title: `已选择 ${chosen.label.replace(/^\d+\. /, '')}`, status: '已完成', buttons: [], link: to }
    }
    return {
      ...base,
      status: '待确认',
      buttons: [],
      ask: {
        questions: [{ id: QUESTION, title: '客户', options: pick.items }],
        submit: { id: 'pick', label: '选好了' },
      },
      link,
    }
  },

  actions: {
    async pick({ services, actor, card, event, clickId }) {
      const pick = await services.models.talk.pick(card.params.pickId ?? '')
      const wanted = event.selected?.[QUESTION]?.[0]
      const item = pick?.items.find(({ id }) => id === wanted)
      const person = await services.models.people.byId(actor.personId)
      if (!pick || !person || pick.personId !== actor.personId) throw new AppError('card.not_yours', '只有提问的人可以选择。')
      if (!item) throw new AppError('pick.nothing_chosen', '还没有选中任何一位,请先选一位再点"选好了"。')
      const turn = createTurn(services, clickId, event, person, actor)
      // The list may be old: the right to see this customer may have ended since.
      const customer = await visibleCustomer(services, actor, item.id)
      const reply = await proceed(turn, customer, pick.next as unknown as Then)
      await closePick(turn, pick._id, item.id)
      return {
        ...(reply.text && { text: reply.text }),
        ...(reply.secret && { secret: true }),
        cards: (reply.cards ?? []).map((each, at) => ({ ...each, _id: turn.id('card', String(at)), personId: person._id })),
      }
    },
  },
}
