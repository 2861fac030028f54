import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { looksFree, understand } from '../../../handlers/talk/understand/index.ts'

const number = (text: string) => ({ kind: 'number', number: text })
const place = (index: number) => ({ kind: 'place', index })

describe('the phrases of the contract', () => {
  test.each([
    ['查 长安', { type: 'customer.find', query: '长安' }],
    ['查长安', { type: 'customer.find', query: '长安' }],
    ['查　长安', { type: 'customer.find', query: '长安' }],
    ['查 caqc', { type: 'customer.find', query: 'caqc' }],
    ['查一下长安汽车的历史', { type: 'customer.find', query: '长安汽车' }],
    ['长安汽车 历史', { type: 'customer.find', query: '长安汽车' }],
    ['查 $where', { type: 'customer.find', query: '$where' }],
    ['查 360', { type: 'customer.find', query: '360' }],
    ['查', { type: 'customer.find', query: '' }],
    ['拜访 长安汽车', { type: 'customer.visit', query: '长安汽车' }],
    ['明天下午去拜访长安汽车', { type: 'customer.visit', query: '长安汽车' }],
    [
      '写跟进 长安汽车 今天电话沟通,对方同意报价',
      { type: 'activity.write', customer: '长安汽车', text: '今天电话沟通,对方同意报价' },
    ],
    ['写跟进 长安汽车:第一行\n第二行', { type: 'activity.write', customer: '长安汽车', text: '第一行\n第二行' }],
    ['写跟进 长安汽车', { type: 'activity.write', customer: '长安汽车' }],
    ['写跟进', { type: 'activity.write' }],
    ['待办', { type: 'todo.list' }],
    ['查看我的待办', { type: 'todo.list' }],
    ['我的审批', { type: 'approval.list' }],
    ['流程用时', { type: 'process.pace' }],
    ['审批用时 合同审批', { type: 'process.pace', process: '合同审批' }],
    ['谁负责 长安汽车', { type: 'customer.owner', query: '长安汽车' }],
    ['长安汽车是谁在负责?', { type: 'customer.owner', query: '长安汽车' }],
    ['分享进度 长安汽车', { type: 'portal.share', customer: '长安汽车' }],
    ['分享进度', { type: 'portal.share' }],
    ['撤销分享 长安汽车', { type: 'portal.revoke', customer: '长安汽车' }],
    ['帮助', { type: 'help' }],
    ['@客联 待办', { type: 'todo.list' }],
  ])('%s', (text, intent) => expect(understand(text)).toEqual(intent))
})

describe('a decision by word names its case by number, by place, or not at all', () => {
  test.each([
    ['同意', { type: 'approval.approve' }],
    ['同意2', { type: 'approval.approve', ref: place(2) }],
    ['同意 第二个', { type: 'approval.approve', ref: place(2) }],
    ['同意 HT-2026-0001', { type: 'approval.approve', ref: number('HT-2026-0001') }],
    ['同意ht-2026-0001,没问题', { type: 'approval.approve', ref: number('HT-2026-0001'), comment: '没问题' }],
    ['同意 ＨＴ－２０２６－０００１', { type: 'approval.approve', ref: number('HT-2026-0001') }],
    ['同意 0041', { type: 'approval.approve', ref: number('0041') }],
    ['完成', { type: 'approval.finish' }],
    ['完成 QC-2026-0001 已上架', { type: 'approval.finish', ref: number('QC-2026-0001'), comment: '已上架' }],
    ['拒绝', { type: 'approval.reject' }],
    ['拒绝 HT-2026-0001 价格太低', { type: 'approval.reject', ref: number('HT-2026-0001'), reason: '价格太低' }],
    ['拒绝 2 太贵', { type: 'approval.reject', ref: place(2), reason: '太贵' }],
    ['拒绝 太贵了', { type: 'approval.reject', reason: '太贵了' }],
    ['转交 李明', { type: 'approval.transfer', to: '李明' }],
    ['转交 2 李明', { type: 'approval.transfer', ref: place(2), to: '李明' }],
    ['转交给@李明 HT-2026-0001', { type: 'approval.transfer', ref: number('HT-2026-0001'), to: '李明' }],
    ['把 HT-2026-0001 转交给 李明', { type: 'approval.transfer', ref: number('HT-2026-0001'), to: '李明' }],
    ['催一下', { type: 'approval.urge' }],
    ['催一下 HT-2026-0001', { type: 'approval.urge', ref: number('HT-2026-0001') }],
    ['撤回', { type: 'approval.withdraw' }],
    ['撤回 1', { type: 'approval.withdraw', ref: place(1) }],
  ])('%s', (text, intent) => expect(understand(text)).toEqual(intent))

  test.each([
    '同意书怎么写',
    '同意 1 2',
    '撤回刚才那句话',
    '拒绝了吗',
    '我同意你的看法',
    '转交 1 2 李明',
    '完成了今天的拜访',
    '完成 今天的拜访',
  ])('"%s" decides nothing', text => {
    expect(understand(text).type).toBe('unknown')
  })
})

describe('short answers', () => {
  test.each([
    ['确认', 'reply.confirm'],
    ['确定', 'reply.confirm'],
    ['是', 'reply.confirm'],
    ['好的。', 'reply.confirm'],
    ['OK', 'reply.confirm'],
    ['取消', 'reply.cancel'],
    ['算了', 'reply.cancel'],
    ['修改', 'reply.amend'],
    ['仍然创建', 'reply.proceed'],
  ])('%s is %s', (text, type) => expect(understand(text)).toEqual({ type }))

  test.each([
    ['2', 2],
    ['２', 2],
    ['第2个', 2],
    ['第十二个', 12],
    ['二', 2],
    ['回复"2"', 2],
    [' 10 ', 10],
  ])('%s picks entry %d', (text, index) => {
    expect(understand(text)).toEqual({ type: 'reply.pick', index })
  })

  test.each(['0', '100', '第0个', '13812345678', '好的,那就这样安排吧', '是不是'])(
    '"%s" is no answer to a list or a card',
    text => {
      expect(understand(text).type).toBe('unknown')
    },
  )
})

describe('a contract', () => {
  const contract = {
    type: 'contract.submit',
    customer: '长安汽车',
    title: '专线扩容',
    contractType: '专线',
    amountMinor: 62_000_000,
    problems: [],
  }

  test.each([
    '提交合同 长安汽车 专线扩容 专线 62万',
    '提交合同 长安汽车 专线扩容 专线 620,000.00元',
    '提交合同 长安汽车 专线扩容 62 万元 专线',
    '提交合同 长安汽车,专线扩容,专线,62万',
    '提交合同 长安汽车 专线 62万 专线扩容',
    '提交合同 客户:长安汽车 标题:专线扩容 类型:专线 金额:62万',
    '提交合同\n金额:62万\n类型:专线\n标题:专线扩容\n客户:长安汽车',
    '提交合同 长安汽车 专线扩容 专线 620000',
  ])('%s', text => expect(understand(text)).toEqual(contract))

  test.each([
    ['提交合同 长安汽车 2026年专线扩容 二期 专线 620000', { title: '2026年专线扩容 二期', amountMinor: 62_000_000 }],
    ['提交合同 长安汽车 2026 扩容 集成 80.5 万元', { title: '2026 扩容', contractType: '集成', amountMinor: 80_500_000 }],
    ['提交合同 360 专线 其它 500,000.01', { customer: '360', title: '专线', contractType: '其他', amountMinor: 50_000_001 }],
  ])('%s: digits in names and titles are no amount', (text, fields) =>
    expect(understand(text)).toMatchObject({ ...fields, problems: [] }),
  )

  test('what is missing stays missing, and the rest is kept', () => {
    expect(understand('提交合同 长安汽车 专线 62万')).toEqual({
      type: 'contract.submit',
      customer: '长安汽车',
      contractType: '专线',
      amountMinor: 62_000_000,
      problems: [],
    })
    expect(understand('提交合同')).toEqual({ type: 'contract.submit', problems: [] })
  })

  test.each([
    ['-5', 'amount.not_positive'],
    ['0', 'amount.not_positive'],
    ['1e9', 'amount.exponent'],
    ['九十九亿亿', 'amount.too_large'],
    ['1.234', 'amount.too_many_decimals'],
    ['80,0000', 'amount.unreadable'],
  ])('the amount %s is a problem, not a silent gap', (amount, code) => {
    expect(understand(`提交合同 长安汽车 专线扩容 专线 ${amount}`)).toEqual({
      type: 'contract.submit',
      customer: '长安汽车',
      title: '专线扩容',
      contractType: '专线',
      problems: [expect.objectContaining({ field: 'amount', code })],
    })
  })
})

describe('free speech', () => {
  test.each([
    ['长安最近怎么样', { type: 'customer.find', query: '长安' }],
    ['帮我看看长安汽车什么情况?', { type: 'customer.find', query: '长安汽车' }],
  ])('%s asks for a customer', (text, intent) => expect(understand(text)).toEqual(intent))

  test.each(['今天天气怎么样', '你好', '', '我想申请年假怎么弄', '我的电话是13812345678'])(
    '"%s" is not understood rather than guessed',
    text => {
      expect(understand(text).type).toBe('unknown')
    },
  )

  test('a model is asked about sentences, never about fixed phrases or answers', () => {
    expect(['帮我记一下,长安汽车的张伟想要专线,电话13812345678', '昨天跟长安汽车的张总聊得不错'].map(looksFree)).toEqual([
      true,
      true,
    ])
    expect(
      ['查 长安', '新建线索 长安汽车 张伟 13812345678', '同意 HT-2026-0001', '确认', '2', '你好', '😀😀😀😀😀😀'].map(looksFree),
    ).toEqual(Array(7).fill(false))
  })
})

describe('hostile text', () => {
  const words = fc.constantFrom(
    '新建线索',
    '提交合同',
    '同意',
    '拒绝',
    '查',
    '写跟进',
    '转交',
    '把',
    '预算',
    '公司:',
    '电话',
    '的',
    '历史',
    '怎么样',
    '长安汽车',
    '张伟',
    '13812345678',
    '80万',
    '-5',
    '1e9',
    '<b>',
    '$where',
    '\u202e',
    ' ',
    ',',
    '\n',
    '第',
    '2',
    'HT-2026-0001',
    '0',
    '¥',
    '重庆',
  )

  test('any text is understood without an accident', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.array(words, { maxLength: 30 }).map(parts => parts.join('')),
        ),
        text => {
          const intent = understand(text)
          expect(intent.type).not.toBe('')
          expect(JSON.stringify(intent)).not.toMatch(/[\u202a-\u202e]|\\u0000|\\ud[89a-f]/)
          expect(typeof looksFree(text)).toBe('boolean')
        },
      ),
      { numRuns: 300 },
    )
  })

  test('only the first 2,000 characters are read', () => {
    expect(understand(`查 ${'长'.repeat(5000)}`)).toEqual({ type: 'customer.find', query: '长'.repeat(100) })
    expect(understand('嗯'.repeat(1_000_000))).toEqual({ type: 'unknown', text: '嗯'.repeat(2000) })
  })
})
