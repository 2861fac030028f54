import { describe, expect, test } from '@jest/globals'
import type { ProcessDraft } from '../../../engine/process/index.ts'
import { approval, Case, end, process, start, stepBy } from './support.ts'

const reason = '有原因'

describe('办理: people do something and say so', () => {
  const handling = (more = {}) => {
    const nodes: ProcessDraft['nodes'] = [
      start('do'),
      {
        id: 'do',
        type: 'handle',
        name: '勘察',
        approvers: [{ type: 'person', personIds: ['a', 'b'] }],
        mode: { type: 'countersign' },
        outputs: ['title'],
        next: 'end',
        ...more,
      },
      end,
    ]
    const opened = new Case(process(nodes))
    opened.submit({}, 'me')
    return opened
  }

  test('what the step must bring out is there before it is left', () => {
    const opened = handling()
    opened.approve('a')
    expect(opened.refusal({ type: 'approve', by: 'b' })).toMatchObject({
      code: 'approval.output_required',
      details: { fields: ['title'] },
    })
    opened.do({ type: 'approve', by: 'b', edits: { title: '可以布线' } })
    expect(opened.current).toMatchObject({ status: 'approved', form: { title: '可以布线' } })
    expect(opened.current.path[1]).toMatchObject({ outcome: 'done' })
    expect(opened.effects[0]).toMatchObject({ type: 'voted', outcome: 'done' })
  })

  test('there is nothing to reject', () => {
    expect(handling().refusal({ type: 'reject', by: 'a', reason }).code).toBe('approval.nothing_to_reject')
  })

  test('nobody named is worded as such', () => {
    const opened = handling({ approvers: [{ type: 'role', role: '无' }] })
    expect(opened.task).toMatchObject({ kind: 'handle', assigneeIds: ['admin1'], reason: '暂无办理人,转管理员' })
  })
})

describe('fields of the form', () => {
  const fields = { amountMinor: 'edit', title: 'read', manager: 'hidden' } as const
  test('only those that the step lets its people edit are edited, with the right type', () => {
    const opened = stepBy(['a'], { fields })
    for (const field of ['title', 'manager', 'dueAt', 'whatever', 'constructor']) {
      expect(opened.refusal({ type: 'approve', by: 'a', edits: { [field]: 'x' } })).toMatchObject({
        code: 'approval.field_not_editable',
        details: { field },
      })
    }
    expect(opened.refusal({ type: 'approve', by: 'a', edits: { amountMinor: '9' } })).toMatchObject({
      code: 'approval.field_invalid',
      details: { field: 'amountMinor' },
    })
    opened.do({ type: 'approve', by: 'a', edits: { amountMinor: 9 } })
    expect(opened.current.form).toEqual({ amountMinor: 9 })
  })

  test('what a later step fills in is not the submitter’s to change, not even when it comes back; what they must fill in is', () => {
    const opened = new Case(
      process(
        [
          start('judge'),
          approval('judge', ['a'], { next: 'vote', fields: { amountMinor: 'edit', title: 'edit' } }),
          approval('vote', ['b']),
          end,
        ],
        { required: ['title'] },
      ),
    )
    opened.submit({ title: '甲' }, 'me')
    opened.do({ type: 'approve', by: 'a', edits: { amountMinor: 9 } })
    opened.do({ type: 'return', by: 'b', to: 'start', reason, resume: 'jumpBack' })
    expect(opened.refusal({ type: 'resubmit', by: 'me', form: { amountMinor: 1 } })).toMatchObject({
      code: 'approval.field_not_editable',
      details: { field: 'amountMinor' },
    })
    opened.do({ type: 'resubmit', by: 'me', form: { title: '乙' } })
    expect(opened.current.form).toEqual({ title: '乙', amountMinor: 9 })
  })

  const strict = process([start('step'), approval('step', ['a']), end], {
    required: ['title', 'experts'],
    fields: {
      title: { type: 'string', label: '标题' },
      experts: { type: 'personList', label: '专家' },
      kind: { type: 'enum', label: '类型', options: [{ value: 'x', label: '甲' }] },
      count: { type: 'number', label: '数量' },
      money: { type: 'money', label: '金额' },
      isUrgent: { type: 'boolean', label: '加急' },
      dueAt: { type: 'date', label: '到期' },
      manager: { type: 'person', label: '经理' },
    },
  })
  const submit = (form: object) =>
    ({ type: 'submit', caseId: 'c', by: 'me', form: { title: 't', experts: ['e'], ...form } }) as never

  test.each([
    ['title', 1],
    ['experts', 'e'],
    ['experts', [1]],
    ['kind', 'y'],
    ['count', '1'],
    ['money', 1.5],
    ['money', 2 ** 53],
    ['isUrgent', 'ja'],
    ['dueAt', '2026-01-01'],
    ['manager', 7],
  ])('a submission with %s = %j is refused', (field, value) => {
    expect(new Case(strict).refusal(submit({ [field]: value }))).toMatchObject({
      code: 'approval.field_invalid',
      details: { field },
    })
  })

  test.each([{ title: ' ', experts: ['e'] }, { title: null }, { title: '' }])('what is required is filled: %j', form => {
    expect(new Case(strict).refusal(submit(form))).toMatchObject({
      code: 'approval.field_required',
      details: { fields: ['title'] },
    })
  })

  test('all that is lacking is told at once, and what is not declared is the subject’s own', () => {
    expect(new Case(strict).refusal(submit({ title: '', experts: [] })).details).toEqual({ fields: ['title', 'experts'] })
    const opened = new Case(strict)
    opened.do(submit({ contractId: 'k1', kind: null }))
    expect(opened.current.form).toMatchObject({ contractId: 'k1' })
  })
})
