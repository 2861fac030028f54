import type { CalendarList, CalendarView } from '../../common/contract/calendar.ts'
import type { DelegationView } from '../../common/contract/delegations.ts'
import type { DeliveryRow, NoticeSettingsView } from '../../common/contract/deliveries.ts'
import type { DeadLetter, PersonRef } from '../../common/contract/people.ts'
import type { SpacePreview, SpaceRow } from '../../common/contract/spaces.ts'
import { type Answer, pageOf } from './miniapp-server.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const OFFICE = [
  { from: '09:00', to: '12:00' },
  { from: '13:00', to: '18:00' },
]
const LONG_NAME = '重庆渝通电信工程技术与信息化综合服务中心客户支持与应急抢修联合值班组'

/** The people of the usual fixtures. */
const sales: PersonRef = { id: 'p-li', name: '李明' }
const head: PersonRef = { id: 'p-wang', name: '王敏' }
const tech: PersonRef = { id: 'p-zhao', name: '赵强' }
const finance: PersonRef = { id: 'p-chen', name: '陈静' }
const vice: PersonRef = { id: 'p-liu', name: '刘建国' }

/** 2026 is published, 2027 is not; a holiday with a 补班 day, and a company's own half day. */
export function companyCalendar(): CalendarView {
  const holiday = (day: number) => ({
    date: `2026-10-0${day}`,
    kind: 'holiday' as const,
    name: day < 4 ? '国庆节' : '中秋节',
    source: 'official' as const,
    hours: [],
  })
  return {
    id: 'default',
    name: '公司日历',
    isDefault: true,
    timeZone: null,
    revision: 4,
    week: { monday: OFFICE, tuesday: OFFICE, wednesday: OFFICE, thursday: OFFICE, friday: OFFICE, saturday: [], sunday: [] },
    followsOfficial: true,
    departments: [],
    years: [
      {
        year: 2026,
        published: true,
        source: 'package',
        days: [
          ...[1, 2, 3, 4, 5, 6, 7].map(holiday),
          { date: '2026-10-10', kind: 'workday', name: '国庆节', source: 'official', hours: OFFICE },
          { date: '2026-11-06', kind: 'half', name: '司庆', source: 'own', hours: [{ from: '09:00', to: '12:00' }] },
          { date: '2026-11-13', kind: 'holiday', name: '全员年会(含外地分公司和驻场同事)', source: 'own', hours: [] },
          { date: '2026-11-14', kind: 'workday', source: 'own', hours: OFFICE },
        ],
      },
      { year: 2027, published: false, source: null, days: [] },
    ],
    provisionalDeadlines: 3,
  }
}

export function teamCalendar(): CalendarView {
  const night = [{ from: '22:00', to: '06:00' }]
  return {
    ...companyCalendar(),
    id: 'cal-2',
    name: '客服中心',
    isDefault: false,
    week: { monday: night, tuesday: night, wednesday: night, thursday: night, friday: night, saturday: night, sunday: [] },
    departments: [{ id: 'd-support', name: '客服中心' }],
    provisionalDeadlines: 0,
  }
}

const calendarList = (): CalendarList => ({
  items: [
    { id: 'default', name: '公司日历', isDefault: true, departments: [] },
    { id: 'cal-2', name: '客服中心', isDefault: false, departments: [{ id: 'd-support', name: '客服中心' }] },
  ],
  departments: [
    { id: 'd-root', name: '渝通电信', platform: '企业微信', parentId: null, calendarId: null },
    { id: 'd-sales', name: '销售部', platform: '企业微信', parentId: 'd-root', calendarId: null },
    { id: 'd-support', name: '客服中心', platform: '企业微信', parentId: 'd-root', calendarId: 'cal-2' },
    { id: 'd-duty', name: LONG_NAME, platform: '企业微信', parentId: 'd-support', calendarId: null },
    { id: 'g-root', name: '渝通电信', platform: '钉钉', parentId: null, calendarId: null },
  ],
})

const delegations = (now: number): DelegationView[] => [
  {
    id: 'w1',
    from: head,
    to: sales,
    startsAt: now - DAY_MS,
    endsAt: now + 3 * DAY_MS,
    state: 'active',
    reason: '年假',
    setBy: head,
    can: { end: true },
  },
  { id: 'w2', from: vice, to: head, startsAt: now + 2 * DAY_MS, endsAt: null, state: 'coming', setBy: tech, can: { end: true } },
  {
    id: 'w3',
    from: head,
    to: tech,
    startsAt: now - 20 * DAY_MS,
    endsAt: now - 10 * DAY_MS,
    state: 'ended',
    reason: '到成都参加设备到货验收,其间手机信号不好,急事请直接打电话联系我,或者找销售部值班同事代为转达',
    setBy: head,
    endedAt: now - 12 * DAY_MS,
    can: { end: false },
  },
]

const deliveries = (now: number): DeliveryRow[] => [
  {
    id: 'o1',
    kind: 'card',
    person: head,
    via: '企业微信',
    title: '卡片(等待处理)',
    state: '已送达',
    told: 'yes',
    at: now - HOUR_MS,
    sentAt: now - HOUR_MS,
  },
  {
    id: 'o2',
    kind: 'text',
    person: sales,
    title: '合同 HT-2026-0041 已通过',
    state: '免打扰时段,稍后发送',
    told: 'waiting',
    at: now - 2 * HOUR_MS,
  },
  {
    id: 'o3',
    kind: 'text',
    person: finance,
    via: '钉钉',
    title: '提醒:重庆两江新区政务中心机房搬迁合同已经等了 3 个工作日,请尽快处理,超时后会转给上级',
    state: '没有送出:企业微信没有回应',
    told: 'no',
    at: now - DAY_MS,
  },
  {
    id: 'o4',
    kind: 'sms',
    person: finance,
    via: '短信',
    title: '(含链接,不显示)',
    state: '发送结果未知,没有重复发送',
    told: 'unknown',
    at: now - DAY_MS,
  },
  {
    id: 'o5',
    kind: 'card',
    via: '企业微信',
    title: '卡片',
    state: '已送达',
    told: 'yes',
    at: now - 2 * DAY_MS,
    sentAt: now - 2 * DAY_MS,
  },
]

const noticeSettings: NoticeSettingsView = { company: { quiet: { from: '21:00', to: '08:00' }, remindAfterHours: 8 } }

export const spaces = (now: number): SpaceRow[] => [
  {
    id: 'wecom:customer:k1',
    name: '重庆长安汽车 · 协作群',
    platform: '企业微信',
    status: '已建立',
    openedAt: now - 2 * DAY_MS,
    openedBy: sales,
    members: [sales, head, tech],
    chat: { platform: 'wecom', groupId: 'g1' },
  },
  {
    id: 'dingtalk:project:j1',
    name: '重庆长安汽车 · 总部到两江工厂双路由专线 交付',
    platform: '钉钉',
    status: '已建立',
    openedAt: now - DAY_MS,
    openedBy: head,
    members: [sales, head],
    chat: { platform: 'dingtalk', groupId: 'cid-7' },
  },
  {
    id: 'wecom:contract:h1',
    name: '重庆长安汽车 · HT-2026-0041 专线扩容',
    platform: '企业微信',
    status: '失败',
    openedAt: now - HOUR_MS,
    openedBy: sales,
    members: [sales, head],
  },
]

const spacePreview: SpacePreview = {
  name: '重庆长安汽车 · 协作群',
  platform: '企业微信',
  members: [sales, head, tech],
  leftOut: [finance],
  exists: false,
}

/** One of every kind beside the one of the usual fixtures. */
export const otherDeadLetters = (now: number): DeadLetter[] => [
  {
    id: 'd2',
    kind: 'effect',
    title: '消息结果未知:合同 HT-2026-0041 已通过',
    error: { code: 'channel.unreachable', message: '等了很久没有回应' },
    mayHaveArrived: true,
    attempts: 1,
    at: now - 2 * HOUR_MS,
  },
  {
    id: 'd3',
    kind: 'timer',
    title: '到期没有处理',
    error: { code: 'process.bad_condition', message: '条件里的字段“合同额”没有填' },
    attempts: 5,
    at: now - 3 * HOUR_MS,
  },
  {
    id: 'd4',
    kind: 'card',
    title: '卡片没有送出',
    error: {
      code: 'wecom.not_permitted',
      message: '企业微信不允许这个应用给对方发消息,请检查应用的可见范围里有没有这位同事和他所在的部门',
    },
    attempts: 5,
    at: now - 4 * HOUR_MS,
  },
  {
    id: 'd5',
    kind: 'inbound',
    title: '收到的卡片点击',
    error: { code: 'internal', message: '未知错误' },
    attempts: 5,
    at: now - DAY_MS,
  },
]

type Paging = { cursor?: string; limit?: number }

/** Answers of the pages with which people look after the product and themselves. */
export function upkeepAnswers(now: number): Record<string, Answer> {
  const changed = (input: { calendarId?: string }) => ({ calendarId: input.calendarId ?? 'cal-3', revision: 5 })
  const taken = delegations(now)
  return {
    'query calendar.list': calendarList,
    'query calendar.get': ({ calendarId }: { calendarId?: string }) =>
      calendarId === undefined || calendarId === 'default' ? companyCalendar() : teamCalendar(),
    'query delegations.list': (input: Paging & { open?: boolean }) =>
      pageOf(input.open ? taken.filter(({ state }) => state !== 'ended') : taken, input),
    'query deliveries.list': (input: Paging & { personId?: string }) =>
      pageOf(
        deliveries(now).filter(({ person }) => !input.personId || person?.id === input.personId),
        input,
      ),
    'query notices.settings': () => noticeSettings,
    'query spaces.preview': () => spacePreview,
    'command calendar.create': changed,
    'command calendar.update': changed,
    'command calendar.remove': changed,
    'command calendar.setWeek': changed,
    'command calendar.setDay': changed,
    'command calendar.removeDay': changed,
    'command calendar.loadYear': ({ year }: { year: number }) => ({ year, days: 33 }),
    'command delegations.set': () => ({ delegationId: 'w9', message: '已委托 李明 处理审批,直到取消。' }),
    'command delegations.end': () => ({ delegationId: 'w1', message: '已取消对 李明 的委托。' }),
    'command notices.setQuiet': () => ({ quiet: null }),
    'command notices.configure': () => ({}),
    'command spaces.open': () => ({
      spaceId: 'wecom:customer:k1',
      name: '重庆长安汽车 · 协作群',
      platform: '企业微信',
      memberNames: ['李明', '王敏', '赵强'],
      leftOutNames: ['陈静'],
    }),
  }
}
