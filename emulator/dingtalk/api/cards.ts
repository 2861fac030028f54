import { freshId } from '../../kernel/ids.ts'
import { anything, flag, list, number, object, type Shape, strings, text, texts } from '../../kernel/shape.ts'
import { DingTalkRefusal } from '../refusal.ts'
import { type Card, chatOf, type DingTalkState, groupOf, type Params } from '../state.ts'
import { objectOf, type Route, textOf } from './route.ts'

const spaceModel = object(
  {
    supportForward: flag({ required: true, missing: 'param.openSpaceModelInvalid' }),
    lastMessageI18n: texts(),
    searchSupport: object({ searchIcon: text(), searchTypeName: text(), searchDesc: text({ maxChars: 200 }) }),
    notification: object({ alertContent: text(), notificationOff: flag() }),
  },
  { wrong: 'param.openSpaceModelInvalid' },
)
const outTrackId = text({ required: true, missing: 'param.outTrackIdEmpty' })
const userIdType = number({ oneOf: [1, 2] })
const openSpaceId = text({ required: true, missing: 'param.openSpaceIdEmpty', wrong: 'param.openSpaceIdInvalid' })
const values = texts({ wrong: 'param.invalid' })
const spaces: Shape = {
  imGroupOpenSpaceModel: spaceModel,
  imRobotOpenSpaceModel: spaceModel,
  imSingleOpenSpaceModel: spaceModel,
  topOpenSpaceModel: object({ spaceType: text() }),
}
const delivering: Shape = {
  outTrackId,
  userIdType,
  openSpaceId,
  imGroupOpenDeliverModel: object({
    robotCode: text({ required: true, missing: 'param.openDeliverModelError' }),
    atUserIds: texts(),
    recipients: strings(),
    extension: object(),
  }),
  imRobotOpenDeliverModel: object({
    spaceType: text({
      required: true,
      missing: 'param.openDeliverModelError',
      oneOf: ['IM_ROBOT'],
      wrong: 'param.openDeliverModelError',
    }),
    robotCode: text(),
    extension: object(),
  }),
  imSingleOpenDeliverModel: object({ atUserIds: texts(), extension: object() }),
  topOpenDeliverModel: object({ expiredTimeMillis: number({ required: true }), userIds: strings(), platforms: strings() }),
}
const creating: Shape = {
  cardTemplateId: text({ required: true, missing: 'param.cardTemplateIdEmpty' }),
  outTrackId,
  callbackType: text({ oneOf: ['STREAM', 'HTTP'] }),
  callbackRouteKey: text(),
  cardData: object({ cardParamMap: values }, { required: true, missing: 'param.cardPublicDataEmpty' }),
  privateData: anything(),
  userId: text(),
  userIdType,
  openDynamicDataConfig: object({ dynamicDataSourceConfigs: list() }),
  cardAtUserIds: strings(),
}

/** Interactive cards; vendor page 互动卡片 */
export const cardRoutes: Route[] = [
  {
    method: 'POST',
    path: '/v1.0/card/instances/createAndDeliver',
    generation: 'new',
    metered: true,
    fields: { ...creating, ...delivering, ...spaces },
    badField: 'param.invalid',
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
    fields: { ...creating, ...spaces },
    badField: 'param.invalid',
    run: ({ state, body }) => ({ success: true, result: createCard(state, body).card.outTrackId }),
  },
  {
    method: 'POST',
    path: '/v1.0/card/instances/deliver',
    generation: 'new',
    metered: true,
    fields: delivering,
    badField: 'param.invalid',
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
      outTrackId,
      cardData: object({ cardParamMap: values }),
      privateData: anything(),
      userIdType,
      cardUpdateOptions: object({ updateCardDataByKey: flag(), updatePrivateDataByKey: flag() }),
    },
    badField: 'param.invalid',
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
    fields: {
      outTrackId,
      guid: text({ required: true, missing: 'param.stream.guidEmpty' }),
      key: text({ required: true, missing: 'param.stream.keyEmpty' }),
      content: text({ required: true }),
      isFull: flag(),
      isFinalize: flag(),
      isError: flag(),
    },
    run: ({ state, body }) => {
      const card = cardOf(state, body)
      const key = textOf(body.key)
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
    metered: true,
    fields: {
      callbackRouteKey: text({ required: true }),
      callbackUrl: text({ required: true }),
      apiSecret: text(),
      forceUpdate: flag(),
    },
    run: ({ state, body }) => {
      const key = textOf(body.callbackRouteKey)
      const known = state.cardRoutes.get(key)
      const route =
        known && body.forceUpdate !== true ? known : { url: textOf(body.callbackUrl), apiSecret: textOf(body.apiSecret) }
      state.cardRoutes.set(key, route)
      return { success: true, result: { callbackUrl: route.url, apiSecret: route.apiSecret } }
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
  if (body.cardTemplateId !== state.cardTemplateId) throw new DingTalkRefusal('param.templateNotExist', '模板不存在')
  const map = objectOf(body.cardData)?.cardParamMap
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

/** What must come with a space of each kind. */
const MODELS: Record<string, string> = { IM_ROBOT: 'imRobotOpenDeliverModel', IM_GROUP: 'imGroupOpenDeliverModel' }

function spacesOf(body: Record<string, unknown>): Space[] {
  const openSpaceId = textOf(body.openSpaceId)
  const [, list] = /^dtv1\.card\/\/(.+)$/.exec(openSpaceId) ?? []
  if (!list) throw new DingTalkRefusal('param.openSpaceIdInvalid', 'openSpaceId 不合法')
  return list.split(';').map(item => {
    const [, type, id] = /^([A-Z_]+)\.(.+)$/.exec(item) ?? []
    const model = MODELS[type ?? '']
    if (!type || !id || !model) throw new DingTalkRefusal('param.openSpaceIdInvalid', 'openSpaceId 不合法')
    if (!objectOf(body[model])) throw new DingTalkRefusal('param.openDeliverModelEmpty', `缺少 ${model}`)
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
