import { describe, expect, test } from '@jest/globals'
import { contractProcess } from '../../../engine/process/index.ts'
import { approval, Case, type Company, company, drawn, end, MINUTE_MS, MONDAY_9, process, start, stepsOf } from './support.ts'

const nobody: Company = { superiors: {}, roles: {}, admins: [] }

/** As an older form left it: a submission would be refused. */
const lenient = { ...contractProcess, required: [] }

describe('a branch that cannot be chosen', () => {
  const stuck = (form: Record<string, unknown> = {}): Case => {
    const opened = new Case(lenient)
    opened.submit({ type: '其他' })
    opened.approve('chief')
    opened.state = { ...opened.current, form: { ...opened.current.form, ...form } as never }
    opened.approve('money1')
    return opened
  }

  test.each([
    ['missing', {}, '「按金额」金额 未填写,无法判断'],
    ['mistyped', { amountMinor: '620000' }, '「按金额」金额 填写有误,无法判断'],
  ])('a %s value stops the case instead of counting as false', (_, form, why) => {
    const opened = stuck(form)
    expect(opened.current).toMatchObject({ status: 'incident', openTasks: [] })
    expect(opened.current.incidents).toEqual([
      { entryId: 'case1-4', nodeId: 'byAmount', code: 'undecidable', why, since: MONDAY_9 },
    ])
    expect(opened.effects).toContainEqual(
      expect.objectContaining({ type: 'incidentRaised', nodeName: '按金额', code: 'undecidable', why }),
    )
  })

  test('an admin says which way to go', () => {
    const opened = stuck()
    expect(opened.refusal({ type: 'resolve', by: 'admin1' })).toMatchObject({
      code: 'approval.branch_required',
      details: { choices: ['deputy', 'end'] },
    })
    expect(opened.refusal({ type: 'resolve', by: 'admin1', goTo: 'start' }).code).toBe('approval.branch_required')
    opened.do({ type: 'resolve', by: 'admin1', goTo: 'deputy', via: 'h5' })
    expect(opened.current).toMatchObject({ status: 'running', incidents: [] })
    expect(opened.task).toMatchObject({ name: '副总审批', assigneeIds: ['boss'] })
    expect(opened.current.path.at(-2)).toMatchObject({
      nodeId: 'byAmount',
      byId: 'admin1',
      reason: '由管理员指定 → 副总审批',
      via: 'h5',
    })
    expect(opened.effects).toContainEqual(
      expect.objectContaining({ type: 'incidentResolved', entryId: 'case1-4', byId: 'admin1' }),
    )
  })

  test('or fills what is missing, and the conditions choose', () => {
    const opened = stuck()
    opened.do({ type: 'resolve', by: 'admin1', form: { amountMinor: 62_000_000 } })
    expect(opened.task).toMatchObject({ name: '副总审批', reason: '金额 620,000.00 > 500,000.00 → 副总' })
  })

  test.each([
    ['what was filled in well', { type: '专线' }, 'approval.field_not_editable'],
    ['a field that there is not', { whatever: 1 }, 'approval.field_not_editable'],
    ['with something mistyped', { amountMinor: '9' }, 'approval.field_invalid'],
  ])('but does not fill %s', (_, form, code) => {
    expect(stuck().refusal({ type: 'resolve', by: 'admin1', form }).code).toBe(code)
  })

  test.each([{ goTo: 'end' }, { form: { amountMinor: 1 } }])(
    'an admin does not do so for the own case, which it could end: %j',
    mending => {
      const own = stuck()
      own.people = { ...company, admins: ['sales1'] }
      expect(own.refusal({ type: 'resolve', by: 'sales1', ...mending }).code).toBe('approval.own_case')
    },
  )

  test('the submitter may withdraw', () => {
    const opened = stuck()
    opened.do({ type: 'withdraw', by: 'sales1' })
    expect(opened.current).toMatchObject({ status: 'withdrawn', finishedAt: MONDAY_9, incidents: [] })
    expect(opened.current.path.at(-1)).toMatchObject({ nodeId: 'byAmount', outcome: 'withdrawn', byId: 'sales1' })
    expect(opened.effects).toMatchObject([{ type: 'incidentResolved' }, { type: 'finalised', outcome: 'withdrawn' }])
  })

  test('urging tells why nothing moves', () => {
    const why = '「按金额」金额 未填写,无法判断'
    expect(stuck().refusal({ type: 'urge', by: 'sales1' })).toMatchObject({ code: 'approval.incident', details: { why } })
  })

  test('branches in a circle stop the case', () => {
    const circle = process([
      start('a'),
      { id: 'a', type: 'exclusive', name: '甲', branches: [], otherwise: 'b' },
      { id: 'b', type: 'exclusive', name: '乙', branches: [{ when: { any: [] }, next: 'end' }], otherwise: 'a' },
      end,
    ])
    const opened = new Case(circle)
    opened.submit()
    expect(opened.current.incidents).toMatchObject([{ code: 'endless', nodeId: 'a', why: '「甲」的分支绕成了圈' }])
    expect(opened.refusal({ type: 'resolve', by: 'admin1' }).code).toBe('approval.branch_required')
  })

  test('so does a circle of steps that pass by themselves', () => {
    const circle = process([
      start('a'),
      approval('a', [], { whenEmpty: 'pass', next: 'b' }),
      { id: 'b', type: 'exclusive', name: '乙', branches: [{ when: { any: [] }, next: 'end' }], otherwise: 'a' },
      end,
    ])
    const opened = new Case(circle)
    opened.submit()
    expect(drawn(opened.current)).toBe('a!endless')
  })
})

describe('a step that nobody can be asked at', () => {
  const stuck = (people: Company): Case => {
    const opened = new Case(lenient, nobody)
    opened.submit({ type: '其他' })
    opened.people = people
    return opened.wait(MINUTE_MS)
  }

  test('stands still and says so; it never passes', () => {
    const opened = new Case(lenient, nobody)
    opened.submit()
    const why = '「直属上级审批」没有审批人,也没有管理员可以代为处理'
    expect(opened.current).toMatchObject({
      status: 'incident',
      openTasks: [],
      incidents: [{ nodeId: 'superior', code: 'no_approver', why }],
    })
    expect(opened.effects).toMatchObject([{ type: 'incidentRaised', nodeName: '直属上级审批', code: 'no_approver', why }])
  })

  test('an admin names people, who are asked at the same step, with a limit that begins now', () => {
    const opened = stuck({ ...nobody, admins: ['admin1'] })
    opened.do({ type: 'resolve', by: 'admin1', assign: ['tech2', 'tech2'] })
    expect(opened.task).toMatchObject({ assigneeIds: ['tech2'], reason: '由管理员指定审批人', openedAt: MONDAY_9 + MINUTE_MS })
    expect(stepsOf(opened.current)).toEqual(['直属上级审批'])
    expect(opened.effects).toContainEqual(
      expect.objectContaining({ type: 'timerSet', rung: '0', anchorAt: MONDAY_9 + MINUTE_MS }),
    )
  })

  test('once a superior is known, resolving without names asks the rule again', () => {
    const opened = stuck({ ...nobody, superiors: { sales1: 'chief' }, admins: ['admin1'] })
    opened.do({ type: 'resolve', by: 'admin1' })
    expect(opened.task.assigneeIds).toEqual(['chief'])
  })

  test('an admin who submitted the case cannot decide it alone, nor be assigned', () => {
    const opened = stuck({ ...nobody, admins: ['sales1'] })
    expect(opened.refusal({ type: 'resolve', by: 'sales1' }).code).toBe('approval.assign_required')
    expect(opened.refusal({ type: 'resolve', by: 'sales1', assign: ['sales1'] }).code).toBe('approval.assign_submitter')
  })

  test('somebody who is gone is not assigned', () => {
    const opened = stuck({ ...nobody, admins: ['admin1'], gone: ['ghost'] })
    expect(opened.refusal({ type: 'resolve', by: 'admin1', assign: ['ghost'] }).code).toBe('approval.person_inactive')
  })

  test('an admin may send it elsewhere or skip it instead', () => {
    const opened = stuck({ ...company })
    opened.do({ type: 'skip', by: 'admin1', taskId: 'case1-1', reason: '无上级' })
    expect(opened.task.name).toBe('财务审批')
    const other = stuck({ ...company })
    other.do({ type: 'resolve', by: 'admin1', goTo: 'deputy' })
    expect(other.task.name).toBe('副总审批')
  })

  test('only an admin resolves, and only an incident', () => {
    expect(stuck({ ...company }).refusal({ type: 'resolve', by: 'boss' }).code).toBe('approval.not_admin')
    const running = new Case()
    running.submit()
    expect(running.refusal({ type: 'resolve', by: 'admin1', assign: ['boss'] }).code).toBe('approval.no_incident')
  })
})

describe('what a step needs is missing', () => {
  const needing = (): Case => {
    const opened = new Case(
      process([start('step'), approval('step', ['a'], { name: '审批', inputs: ['title', 'amountMinor'] }), end]),
    )
    opened.submit({ title: ' ' }, 'me')
    return opened
  }

  test('the case stops and says what', () => {
    expect(needing().current.incidents).toMatchObject([{ code: 'missing_input', why: '「审批」需要先填写:标题、金额' }])
  })

  test('an admin fills it', () => {
    const opened = needing()
    expect(opened.refusal({ type: 'resolve', by: 'admin1', form: { title: '合同' } })).toMatchObject({
      code: 'approval.field_required',
      details: { fields: ['amountMinor'] },
    })
    opened.do({ type: 'resolve', by: 'admin1', form: { title: '合同', amountMinor: 1 } })
    expect(drawn(opened.current)).toBe('step[a?]')
  })
})

describe('commands and other cases', () => {
  const working = (more = {}) =>
    process([
      start('order'),
      {
        id: 'order',
        type: 'service',
        name: '下单',
        command: 'orders.place',
        input: { what: { field: 'title' }, count: { value: 2 }, to: { field: 'manager' } },
        next: 'child',
      },
      {
        id: 'child',
        type: 'subProcess',
        name: '勘察',
        process: 'survey',
        form: { title: { field: 'title' } },
        next: 'last',
        ...more,
      },
      approval('last', ['z']),
      end,
    ])
  const begun = (more = {}): Case => {
    const opened = new Case(working(more))
    opened.submit({ title: '机房' }, 'me')
    return opened
  }
  const finished = (ok: boolean, why?: string) =>
    ({ type: 'serviceFinished', entryId: 'case1-1', ok, ...(why && { why }) }) as const
  const childEnded = (outcome: 'approved' | 'rejected' | 'withdrawn' | 'terminated' | 'refused') =>
    ({ type: 'childFinished', entryId: 'case1-2', childCaseId: 'case1-2-child', outcome }) as const

  test('a command is asked for with values of the form; what is not filled is left out', () => {
    expect(begun().effects).toEqual([
      {
        id: 'case1:1:0',
        type: 'serviceRequested',
        entryId: 'case1-1',
        nodeName: '下单',
        command: 'orders.place',
        input: { what: '机房', count: 2 },
      },
    ])
  })

  test('done, the case goes on; an answer that comes again is stale', () => {
    const opened = begun()
    opened.do(finished(true))
    expect(opened.effects).toMatchObject([
      { type: 'childRequested', entryId: 'case1-2', childCaseId: 'case1-2-child', process: 'survey', form: { title: '机房' } },
    ])
    expect(opened.refusal(finished(true)).code).toBe('approval.answer_stale')
  })

  test('refused, the case stands still and says why; resolving asks again', () => {
    const opened = begun()
    opened.do(finished(false, '库存不足'))
    expect(opened.current.incidents).toMatchObject([{ code: 'service_failed', why: '「下单」没有成功:库存不足' }])
    expect(opened.refusal(finished(true)).code).toBe('approval.answer_stale')
    opened.do({ type: 'resolve', by: 'admin1' })
    expect(opened.effects).toMatchObject([{ type: 'incidentResolved' }, { type: 'serviceRequested', entryId: 'case1-1' }])
    opened.do(finished(true))
    expect(drawn(opened.current)).toBe('child')
  })

  test.each<[Parameters<typeof childEnded>[0], object, string]>([
    ['approved', {}, 'last[z?]'],
    ['rejected', {}, 'rejected'],
    ['withdrawn', {}, 'rejected'],
    ['terminated', {}, 'rejected'],
    ['rejected', { onReject: 'continue' }, 'last[z?]'],
  ])('a child case that is %s, where the step says %j: %s', (outcome, more, where) => {
    const opened = begun(more)
    opened.do(finished(true))
    opened.do(childEnded(outcome))
    expect(drawn(opened.current)).toBe(where)
  })

  test('a child that could not begin decides nothing: the case stands still, and resolving asks for it again', () => {
    const opened = begun()
    opened.do(finished(true))
    opened.do({ ...childEnded('refused'), why: '还缺:标题。' })
    expect(drawn(opened.current)).toBe('child!service_failed')
    expect(opened.current.incidents).toMatchObject([{ why: '「勘察」没有开始:还缺:标题。' }])
    opened.do({ type: 'resolve', by: 'admin1' })
    expect(opened.effects).toMatchObject([
      { type: 'incidentResolved' },
      { type: 'childRequested', entryId: 'case1-2', childCaseId: 'case1-2-child' },
    ])
    opened.do(childEnded('approved'))
    expect(drawn(opened.current)).toBe('last[z?]')
  })

  test('a case rejected by its child tells so', () => {
    const opened = begun()
    opened.do(finished(true))
    opened.do(childEnded('rejected'))
    expect(opened.effects).toMatchObject([{ type: 'finalised', outcome: 'rejected', byId: 'me', reason: '「勘察」被拒绝' }])
  })

  test('a child of a case that ended without it is called off; a foreign child says nothing', () => {
    const opened = begun()
    opened.do(finished(true))
    expect(opened.refusal({ ...childEnded('approved'), childCaseId: 'other' }).code).toBe('approval.answer_stale')
    opened.do({ type: 'withdraw', by: 'me' })
    expect(opened.effects).toMatchObject([{ type: 'childCancelled', childCaseId: 'case1-2-child' }, { type: 'finalised' }])
    expect(opened.refusal(childEnded('approved')).code).toBe('approval.answer_stale')
  })
})

describe('several incidents', () => {
  const twice = (): Case => {
    const empty = (id: string) => approval(id, [], { whenEmpty: 'incident', next: 'join' })
    const opened = new Case(
      process([
        start('fork'),
        { id: 'fork', type: 'parallel', name: '并行', branches: [{ next: 'a' }, { next: 'b' }], join: 'join' },
        empty('a'),
        empty('b'),
        { id: 'join', type: 'join', name: '汇合', next: 'end' },
        end,
      ]),
    )
    opened.submit({}, 'me')
    return opened
  }

  test('are resolved one by one, each named', () => {
    const opened = twice()
    expect(opened.refusal({ type: 'resolve', by: 'admin1', assign: ['x'] })).toMatchObject({
      code: 'approval.which_incident',
      details: { entryIds: ['case1-2', 'case1-3'] },
    })
    opened.do({ type: 'resolve', by: 'admin1', entryId: 'case1-3', assign: ['x'] })
    expect(drawn(opened.current)).toBe('a!no_approver b[x?]')
    expect(opened.current.status).toBe('incident')
    opened.do({ type: 'resolve', by: 'admin1', assign: ['y'] })
    expect(opened.current.status).toBe('running')
  })
})
