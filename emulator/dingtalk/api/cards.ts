import { type FieldTable, plain } from '../../kernel/fields.ts'
import { freshId } from '../../kernel/ids.ts'
import { DingTalkRefusal } from '../refusal.ts'
import { type Card, chatOf, type DingTalkState, groupOf, type Params } from '../state.ts'
import { objectOf, type Route, textOf } from './route.ts'

const spaceModel: FieldTable = { ...plain('supportForward', 'lastMessageI18n', 'searchSupport', 'notification') }
const placing: FieldTable = {
  ...plain('outTrackId', 'userIdType', 'openSpaceId', 'topOpenSpaceModel', 'topOpenDeliverModel', 'cardAtUserIds'),
  imGroupOpenSpaceModel: spaceModel,
  imRobotOpenSpaceModel: spaceModel,
  imSingleOpenSpaceModel: spaceModel,
  imGroupOpenDeliverModel: plain('robotCode', 'atUserIds', 'recipients', 'extension'),
  imRobotOpenDeliverModel: plain('spaceType', 'robotCode', 'extension'),
  imSingleOpenDeliverModel: plain('atUserIds', 'extension'),
}
const creating: FieldTable = {
  ...plain(
    'cardTemplateId',
    'outTrackId',
    'callbackType',
    'callbackRouteKey',
    'privateData',
    'userId',
    'userIdType',
    'openDynamicDataConfig',
  ),
  cardData: plain('cardParamMap'),
}

/** Interactive cards; vendor page 互动卡片 */
export const cardRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1.0/card/instances/createAndDeliver',
    generation: 'new',
    metered: true,
    fields: { ...placing, ...creating },
    run: ({ state, body }) => {
      const spaces = spacesOf(body)
      const { card, fresh } = createCard(state, body)
      const deliverResults = spaces.map(space => deliver(state, card, space, fresh))
      return { success: true, result: { outTrackId: card.outTrackId, deliverResults } }
    },
  },
  {
    method: 'POST',
    path: '/v1.0/card/instances',
    generation: 'new',
    metered: true,
    fields: { ...placing, ...creating },
    run: ({ state, body }) => ({ success: true, result: createCard(state, body).card.outTrackId }),
  },
  {
    method: 'POST',
    path: '/v1.0/card/instances/deliver',
    generation: 'new',
    metered: true,
    fields: placing,
    run: ({ state, body }) => {
      const card = cardOf(state, body)
      return { success: true, result: spacesOf(body).map(space => deliver(state, card, space, true)) }
    },
  },
  {
    method: 'PUT',
    path: '/v1.0/card/instances',
    generation: 'new',
    metered: true,
    fields: {
      ...plain('outTrackId', 'privateData', 'userIdType'),
      cardData: plain('cardParamMap'),
      cardUpdateOptions: plain('updateCardDataByKey', 'updatePrivateDataByKey'),
    },
    run: ({ state, body }) => {
      const card = cardOf(state, body)
      if (!body.cardData && !body.privateData)
        throw new DingTalkRefusal('param.cardDataAndPrivateDataBothEmpty', 'cardData 与 privateData 都为空')
      const options = objectOf(body.cardUpdateOptions) ?? {}
      if (body.cardData) {
        const given = paramsOf(objectOf(body.cardData)?.cardParamMap)
        card.params = options.updateCardDataByKey === true ? { ...card.params, ...given } : given
      }
      for (const [userId, data] of Object.entries(objectOf(body.privateData) ?? {})) {
        const given = paramsOf(objectOf(data)?.cardParamMap)
        const before = options.updatePrivateDataByKey === true ? card.privateParams.get(userId) : {}
        card.privateParams.set(userId, { ...before, ...given })
      }
      return { success: true, result: true }
    },
  },
  {
    method: 'PUT',
    path: '/v1.0/card/streaming',
    generation: 'new',
    metered: true,
    fields: plain('outTrackId', 'guid', 'key', 'content', 'isFull', 'isFinalize', 'isError'),
    run: ({ state, body }) => {
      const card = cardOf(state, body)
      const key = textOf(body.key)
      if (!key || !body.guid) throw new DingTalkRefusal('param.stream.keyEmpty', 'key 或 guid 为空')
      card.params = {
        ...card.params,
        [key]: body.isFull === true ? textOf(body.content) : (card.params[key] ?? '') + textOf(body.content),
      }
      return { success: true, result: true }
    },
  },
  {
    method: 'POST',
    path: '/v1.0/card/callbacks/register',
    generation: 'new',
    fields: plain('callbackRouteKey', 'callbackUrl', 'apiSecret', 'forceUpdate'),
    run: ({ state, body }) => {
      const key = textOf(body.callbackRouteKey)
      if (!state.cardRoutes.has(key) || body.forceUpdate === true) state.cardRoutes.set(key, textOf(body.callbackUrl))
      return { success: true, result: { callbackUrl: state.cardRoutes.get(key), apiSecret: textOf(body.apiSecret) } }
    },
  },
]

interface Space {
  type: string
  id: string
  spaceType: string
}

function createCard(state: DingTalkState, body: Record<string, unknown>): { card: Card; fresh: boolean } {
  const outTrackId = textOf(body.outTrackId)
  if (!outTrackId) throw new DingTalkRefusal('param.outTrackIdEmpty', 'outTrackId 为空')
  if (!body.cardTemplateId) throw new DingTalkRefusal('param.cardTemplateIdEmpty', 'cardTemplateId 为空')
  if (body.cardTemplateId !== state.cardTemplateId) throw new DingTalkRefusal('param.templateNotExist', '模板不存在')
  const map = objectOf(body.cardData)?.cardParamMap
  if (!map) throw new DingTalkRefusal('param.cardPublicDataEmpty', 'cardData 为空')
  const known = state.cards.get(outTrackId)
  if (known && state.switches.refuseKnownCards) throw new DingTalkRefusal('param.cardAlreadyExist', '卡片已存在')
  if (known) return { card: known, fresh: false }
  const privateParams = Object.entries(objectOf(body.privateData) ?? {}).map(
    ([userId, data]) => [userId, paramsOf(objectOf(data)?.cardParamMap)] as const,
  )
  const card: Card = {
    outTrackId,
    callbackType: textOf(body.callbackType) || undefined,
    routeKey: textOf(body.callbackRouteKey) || undefined,
    params: paramsOf(map),
    privateParams: new Map(privateParams),
    at: state.clock.now(),
  }
  noteLongValues(state, card)
  state.cards.set(outTrackId, card)
  return { card, fresh: true }
}

function cardOf(state: DingTalkState, body: Record<string, unknown>): Card {
  const card = state.cards.get(textOf(body.outTrackId))
  if (!card) throw new DingTalkRefusal('param.cardNotExist', '卡片不存在')
  return card
}

/** Card values are strings, whatever they hold. @throws DingTalkRefusal `param.invalid` */
export function paramsOf(map: unknown): Params {
  const entries = Object.entries(objectOf(map) ?? {})
  const wrong = entries.find(([, value]) => typeof value !== 'string')
  if (wrong) throw new DingTalkRefusal('param.invalid', `cardParamMap.${wrong[0]} 不是字符串`)
  return Object.fromEntries(entries) as Params
}

function noteLongValues(state: DingTalkState, card: Card) {
  for (const [key, value] of Object.entries(card.params)) {
    const size = Buffer.byteLength(value)
    if (size <= 1024) continue
    const field = `cardParamMap.${key}`
    state.violations.push({
      at: state.clock.now(),
      path: '/v1.0/card/instances',
      kind: 'over_length',
      field,
      detail: `${size} 字节,页面写 1 KB`,
    })
  }
}

const MODELS: Record<string, { model: string; spaceModel: string }> = {
  IM_ROBOT: { model: 'imRobotOpenDeliverModel', spaceModel: 'imRobotOpenSpaceModel' },
  IM_GROUP: { model: 'imGroupOpenDeliverModel', spaceModel: 'imGroupOpenSpaceModel' },
}

function spacesOf(body: Record<string, unknown>): Space[] {
  const openSpaceId = textOf(body.openSpaceId)
  if (!openSpaceId) throw new DingTalkRefusal('param.openSpaceIdEmpty', 'openSpaceId 为空')
  const [, list] = /^dtv1\.card\/\/(.+)$/.exec(openSpaceId) ?? []
  if (!list) throw new DingTalkRefusal('param.openSpaceIdInvalid', 'openSpaceId 不合法')
  return list.split(';').map(item => {
    const [, type, id] = /^([A-Z_]+)\.(.+)$/.exec(item) ?? []
    const models = MODELS[type ?? '']
    if (!type || !id || !models) throw new DingTalkRefusal('param.openSpaceIdInvalid', 'openSpaceId 不合法')
    const model = objectOf(body[models.model])
    if (!model) throw new DingTalkRefusal('param.openDeliverModelEmpty', `缺少 ${models.model}`)
    const right = type === 'IM_ROBOT' ? model.spaceType === 'IM_ROBOT' : Boolean(model.robotCode)
    if (!right) throw new DingTalkRefusal('param.openDeliverModelError', `${models.model} 不合法`)
    const space = objectOf(body[models.spaceModel])
    if (space && space.supportForward === undefined)
      throw new DingTalkRefusal('param.openSpaceModelInvalid', `${models.spaceModel} 不合法`)
    return { type, id, spaceType: type }
  })
}

function deliver(state: DingTalkState, card: Card, { type, id, spaceType }: Space, visible: boolean) {
  const carrierId = freshId('carrier')
  const person =
    type === 'IM_ROBOT' ? (state.directory.person(id) ?? state.directory.people.find(({ unionId }) => unionId === id)) : undefined
  const reachable = type === 'IM_ROBOT' ? person !== undefined : state.groups.has(id)
  if (!reachable) return { spaceType, spaceId: id, success: false, carrierId: '', errorMsg: 'space not found' }
  const entry = { msgid: carrierId, from: 'app' as const, outTrackId: card.outTrackId, recalled: false, at: state.clock.now() }
  const chat = person ? chatOf(state, person.userId) : groupOf(state, id).messages
  if (visible) chat.push(entry)
  return { spaceType, spaceId: id, success: true, carrierId, errorMsg: '' }
}
