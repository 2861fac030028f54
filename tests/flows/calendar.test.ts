import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { CalendarChanged, CalendarList, CalendarView } from '../../common/contract/calendar.ts'
import { cancelTimers, setTimers } from '../../handlers/calendar/index.ts'
import { openClient, refusalCode, type WebAnswer, type WebClient } from '../support/web-client.ts'
import { startWorld, type World } from '../support/world.ts'

let world: World
let admin: WebClient
let year = 0

beforeAll(async () => {
  world = await startWorld({ env: { ADMIN_USERS: 'wecom:ZhouJianGuo' } })
  admin = openClient(world)
  await admin.loginWeCom('zhoujianguo')
  await world.settle()
  const { time, clock } = world.service.services
  year = time.year(clock.now())
})
afterAll(() => world.close())

const get = async (input: object = {}): Promise<CalendarView> => (await admin.query<CalendarView>('calendar.get', input)).body
const list = async (): Promise<CalendarList> => (await admin.query<CalendarList>('calendar.list')).body
const change = (name: string, input: object) => admin.command<CalendarChanged>(`calendar.${name}`, input)
const codeOf = async (answer: Promise<WebAnswer>): Promise<string> => refusalCode(await answer)
const office = [
  { from: '09:00', to: '12:00' },
  { from: '13:00', to: '18:00' },
]
const departmentId = async (name: string): Promise<string> =>
  (await list()).departments.find(department => department.name === name)?.id ?? ''
const shown = async (date: string) =>
  (await get({ year: Number(date.slice(0, 4)) })).years[0]?.days.find(day => day.date === date)

describe('the company calendar', () => {
  test('is there from the start with office hours; a loaded year shows its holidays and 补班 days', async () => {
    expect((await change('loadYear', { year: 2026 })).status).toBe(200)
    const view = await get()
    expect(view).toMatchObject({ name: '公司日历', isDefault: true, followsOfficial: true, timeZone: null })
    expect(view.week.monday).toEqual(office)
    expect(view.week.sunday).toEqual([])
    const known = await get({ year: 2026 })
    expect(known.years[0]).toMatchObject({ year: 2026, published: true, source: 'package' })
    expect(await shown('2026-10-01')).toEqual({
      date: '2026-10-01',
      kind: 'holiday',
      name: '国庆节',
      source: 'official',
      hours: [],
    })
    expect(await shown('2026-02-14')).toMatchObject({ kind: 'workday', name: '春节', hours: office })
  })

  test('a year that is not published says so', async () => {
    expect((await get({ year: 2099 })).years).toEqual([
      { year: 2099, published: false, source: null, days: [] },
      { year: 2100, published: false, source: null, days: [] },
    ])
    expect(await codeOf(change('loadYear', { year: 2099 }))).toBe('calendar.year_unpublished')
  })

  test('an admin puts a year in from the notice; the package does not overwrite it', async () => {
    const before = (await get()).revision
    const days = [
      { date: `${year + 1}-01-01`, kind: 'holiday', name: '元旦' },
      { date: `${year + 1}-01-02`, kind: 'workday', name: '元旦' },
    ]
    expect((await change('loadYear', { year: year + 1, days })).status).toBe(200)
    const view = await get({ year: year + 1 })
    expect(view.years[0]).toMatchObject({ published: true, source: 'admin' })
    expect(view.years[0]?.days.map(({ date, kind }) => `${date} ${kind}`)).toEqual(
      days.map(({ date, kind }) => `${date} ${kind}`),
    )
    expect(view.revision).toBeGreaterThan(before)
    await world.restart()
    await world.settle()
    await admin.loginWeCom('zhoujianguo')
    expect((await get({ year: year + 1 })).years[0]?.source).toBe('admin')
  })

  test('official days outside the year, twice, or that do not exist are refused', async () => {
    const load = (...dates: string[]) =>
      codeOf(change('loadYear', { year: 2030, days: dates.map(date => ({ date, kind: 'holiday' })) }))
    expect(await load('2031-01-01')).toBe('calendar.other_year')
    expect(await load('2030-01-01', '2030-01-01')).toBe('calendar.same_day_twice')
    expect(await load('2030-02-30')).toBe('calendar.bad_date')
    expect((await get({ year: 2030 })).years[0]?.published).toBe(false)
  })

  test('an own day beats the official one, and without it the official one holds again', async () => {
    await change('setDay', { calendarId: 'default', date: '2026-10-07', kind: 'half', works: 'morning', name: '值班' })
    expect(await shown('2026-10-07')).toMatchObject({ kind: 'half', source: 'own', hours: [{ from: '09:00', to: '12:00' }] })
    await change('setDay', {
      calendarId: 'default',
      date: '2026-10-07',
      kind: 'workday',
      hours: [{ from: '22:00', to: '06:00' }],
    })
    expect(await shown('2026-10-07')).toMatchObject({ kind: 'workday', hours: [{ from: '22:00', to: '06:00' }] })
    await change('removeDay', { calendarId: 'default', date: '2026-10-07' })
    expect(await shown('2026-10-07')).toMatchObject({ kind: 'holiday', source: 'official' })
  })

  test('hours that nobody could count in are refused with the fault, and nothing changes', async () => {
    const { revision, week } = await get()
    const none = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] }
    const setWeek = (change_: object) =>
      admin.command('calendar.setWeek', { calendarId: 'default', week: { ...none, ...change_ } })
    const empty = await setWeek({})
    expect(empty).toMatchObject({ status: 400, body: { error: { code: 'calendar.invalid' } } })
    expect(JSON.stringify(empty.body)).toContain('没有任何工作时间')
    expect(JSON.stringify((await setWeek({ monday: [office[0], { from: '11:59', to: '13:00' }] })).body)).toContain('重叠')
    expect(await codeOf(setWeek({ monday: [{ from: '09:00', to: '09:00' }] }))).toBe('calendar.bad_hours')
    expect(await codeOf(setWeek({ monday: [{ from: '9点', to: '12:00' }] }))).toBe('input.invalid')
    expect(await codeOf(change('setDay', { calendarId: 'default', date: '2026-11-29', kind: 'workday', like: 'sunday' }))).toBe(
      'calendar.invalid',
    )
    expect(await get()).toMatchObject({ revision, week })
  })
})

describe('calendars of teams', () => {
  test('a department has its own hours, and those below it too; everybody else keeps the company’s', async () => {
    const sales = await departmentId('销售中心')
    const { body } = await change('create', { name: '销售日历', departmentIds: [sales] })
    const shift = [{ from: '07:30', to: '15:30' }]
    await change('setWeek', {
      calendarId: body.calendarId,
      week: { monday: shift, tuesday: shift, wednesday: shift, thursday: shift, friday: shift, saturday: [], sunday: [] },
    })
    const { services } = world.service
    const [calendars, organisation] = await Promise.all([services.calendars.current(), services.organisation.current()])
    const idOf = async (name: string) => (await services.models.people.byName(name))[0]?._id ?? ''
    const [zhang, li] = [await idOf('张三'), await idOf('李静')]
    expect(calendars.ofPerson(organisation, zhang).calendar.id).toBe(body.calendarId)
    expect(calendars.ofPerson(organisation, li).calendar.id).toBe('default')
    // A step asked of both counts by the calendar they share: the company's.
    expect(calendars.ofPeople(organisation, [zhang]).calendar.id).toBe(body.calendarId)
    expect(calendars.ofPeople(organisation, [zhang, li]).calendar.id).toBe('default')
    expect((await list()).items.map(({ name, departments }) => [name, departments.map(each => each.name)])).toEqual([
      ['公司日历', []],
      ['销售日历', ['销售中心']],
    ])
  })

  test('an open deadline goes by the calendar of its people, also one that they got later', async () => {
    const { services } = world.service
    const zhang = (await services.models.people.byName('张三'))[0]?._id ?? ''
    const own = (await list()).items.find(({ name }) => name === '销售日历')?.id ?? ''
    const anchorAt = services.clock.now() + 30 * 86_400_000
    const timer = { id: 'lasting', kind: 'none', subject: 'case:x', anchorAt, workingSeconds: 3600, personIds: [zhang] }
    await setTimers(services, [timer])
    const calendarId = async () => (await services.models.timers.ofSubject('case:x'))[0]?.calendarId
    expect(await calendarId()).toBe(own)
    await change('update', { calendarId: own, departmentIds: [await departmentId('财务部')] })
    await world.settle()
    expect(await calendarId()).toBe('default')
    await change('update', { calendarId: own, departmentIds: [await departmentId('销售中心')] })
    await world.settle()
    expect(await calendarId()).toBe(own)
    await cancelTimers(services, ['lasting'])
  })

  test('a department has one calendar', async () => {
    const sales = await departmentId('销售中心')
    expect(await codeOf(change('create', { name: '另一个', departmentIds: [sales] }))).toBe('calendar.department_taken')
    expect(await codeOf(change('create', { name: '没有', departmentIds: ['nowhere'] }))).toBe('department.unknown')
    expect((await list()).items).toHaveLength(2)
  })

  test('one that follows no official holidays knows every year', async () => {
    const calendarId = (await list()).items.find(({ name }) => name === '销售日历')?.id ?? ''
    await change('update', { calendarId, followsOfficial: false, timeZone: 'Asia/Urumqi' })
    expect((await get({ calendarId, year: 2099 })).years[0]).toMatchObject({ published: true, days: [] })
    expect((await get({ calendarId })).timeZone).toBe('Asia/Urumqi')
    expect(await codeOf(change('update', { calendarId, timeZone: 'Mars/Base' }))).toBe('calendar.bad_time_zone')
    await change('update', { calendarId, timeZone: null })
    expect((await get({ calendarId })).timeZone).toBeNull()
  })

  test('removing it gives its departments back to the company’s; that one cannot be removed', async () => {
    const calendarId = (await list()).items.find(({ name }) => name === '销售日历')?.id ?? ''
    expect(await codeOf(change('remove', { calendarId: 'default' }))).toBe('calendar.is_default')
    expect((await change('remove', { calendarId })).status).toBe(200)
    expect(await codeOf(change('remove', { calendarId }))).toBe('calendar.unknown')
    expect(await codeOf(change('setDay', { calendarId, date: '2026-11-30', kind: 'holiday' }))).toBe('calendar.unknown')
    expect((await list()).departments.every(department => department.calendarId === null)).toBe(true)
  })
})

test('only an admin sees or changes calendars', async () => {
  const employee = openClient(world)
  await employee.loginWeCom('zhang3')
  expect(await codeOf(employee.query('calendar.get', {}))).toBe('auth.admin_only')
  expect(await codeOf(employee.command('calendar.setDay', { calendarId: 'default', date: '2026-11-30', kind: 'holiday' }))).toBe(
    'auth.admin_only',
  )
})
