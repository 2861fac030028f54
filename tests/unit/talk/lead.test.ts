import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fillField, understand } from '../../../handlers/talk/understand/index.ts'

const lead = {
  type: 'lead.new',
  company: '重庆长安汽车',
  contact: '张伟',
  phone: '13812345678',
  interest: '专线',
  budgetMinor: 80_000_000,
  problems: [],
}

describe('a lead in one message', () => {
  test.each([
    '新建线索 重庆长安汽车 张伟 13812345678 专线 预算80万',
    '新建线索 预算80万 专线 13812345678 张伟 重庆长安汽车',
    '新建线索 重庆长安汽车,张伟,13812345678,专线,预算 80 万元',
    '新建线索:重庆长安汽车、张伟、138 1234 5678、专线、预算800,000.00',
    '新建线索重庆长安汽车张伟13812345678专线预算80万',
    '新建线索\n公司:重庆长安汽车\n联系人:张伟\n电话:+86 138-1234-5678\n需求:专线\n预算:八十万',
    '新增线索 联系人张伟 电话１３８１２３４５６７８ 专线 重庆长安汽车 预算大概80万左右',
    '新建线索 重庆长安汽车 张伟 13812345678 专线 80万',
  ])('%s', text => expect(understand(text)).toEqual(lead))

  test('the order of the fields does not matter', () => {
    const companies = fc.constantFrom(
      '重庆长安汽车',
      '华为技术有限公司',
      '重庆市第一人民医院',
      '金山科技',
      '四川农业大学',
      'ABC Motors Ltd.',
    )
    const contacts = fc.constantFrom('张伟', '李小明', '欧阳娜娜', '王总', '小刘')
    const interests = fc.constantFrom('专线', '云', '5G专网', '机房托管', '100M宽带')
    const budgets = fc.constantFrom(
      ['预算80万', 80_000_000],
      ['预算1.2亿', 12_000_000_000],
      ['预算800,000.50元', 80_000_050],
    ) as fc.Arbitrary<[string, number]>
    const phones = fc.constantFrom('13812345678', '023-61234567')
    const whole = fc.tuple(companies, contacts, interests, phones, budgets)
    const shuffled = whole.chain(([company, contact, interest, phone, [budget, budgetMinor]]) => {
      const fields = [company, contact, interest, phone, budget]
      const order = fc.shuffledSubarray(fields, { minLength: fields.length })
      return order.map(words => ({
        words,
        expected: { type: 'lead.new', company, contact, interest, phone, budgetMinor, problems: [] },
      }))
    })
    fc.assert(
      fc.property(shuffled, fc.constantFrom(' ', ',', ',', '、', '\n'), ({ words, expected }, separator) => {
        expect(understand(`新建线索 ${words.join(separator)}`)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['新建线索 张伟 13812345678 专线 预算80万', { ...lead, company: undefined }],
    ['新建线索 重庆长安汽车 13812345678 专线 预算80万', { ...lead, contact: undefined }],
    ['新建线索 重庆长安汽车 张伟 专线 预算80万', { ...lead, phone: undefined }],
    ['新建线索 重庆长安汽车 张伟 13812345678', { ...lead, interest: undefined, budgetMinor: undefined }],
    ['新建线索', { type: 'lead.new', problems: [] }],
  ])('%s: what is missing stays missing, the rest is kept', (text, expected) => expect(understand(text)).toEqual(expected))

  test.each([
    ['新建线索 华为 李雷 13812345678', '华为', '李雷'],
    ['新建线索 万科 张总 13812345678', '万科', '张总'],
    ['新建线索 马化腾 腾讯 13812345678', '腾讯', '马化腾'],
    ['新建线索 重庆金科地产 阿依古丽·买买提 13812345678', '重庆金科地产', '阿依古丽·买买提'],
    ['新建线索 <b>长安</b>🚗 张伟😀 13812345678', '<b>长安</b>🚗', '张伟😀'],
    ['新建线索 <img src=x onerror=alert(1)> 张伟 13812345678', '<img src=x onerror=alert(1)>', '张伟'],
    ['新建线索 $where 张伟 13812345678', '$where', '张伟'],
    ['新建线索 Smith & Sons Ltd. Tom 13812345678', 'Smith & Sons Ltd.', 'Tom'],
  ])('%s: company and contact are told apart', (text, company, contact) => {
    expect(understand(text)).toEqual({ type: 'lead.new', company, contact, phone: '13812345678', problems: [] })
  })

  test.each([
    ['新建线索 重庆长安汽车13812345678张伟', '重庆长安汽车', '张伟'],
    ['新建线索 张伟13812345678重庆长安汽车有限公司', '重庆长安汽车有限公司', '张伟'],
    ['新建线索 重庆长安汽车张伟13812345678', '重庆长安汽车', '张伟'],
    ['新建线索 重庆58同城13812345678张伟', '重庆58同城', '张伟'],
    ['新建线索 7天酒店13812345678张伟', '7天酒店', '张伟'],
    ['新建线索 ABC13812345678 张伟', 'ABC', '张伟'],
    ['新建线索 联系人张伟电话13812345678公司重庆长安汽车', '重庆长安汽车', '张伟'],
  ])('%s: a name glued to the number is a name', (text, company, contact) => {
    expect(understand(text)).toEqual({ type: 'lead.new', company, contact, phone: '13812345678', problems: [] })
  })

  test.each([
    ['新建线索 重庆长安汽车 有限公司 张伟 13812345678', '重庆长安汽车有限公司'],
    ['新建线索 重庆长安 汽车公司 张伟 13812345678', '重庆长安汽车公司'],
    ['新建线索 长安 公司 张伟 13812345678', '长安公司'],
    ['新建线索 公司 重庆长安汽车 张伟 13812345678', '重庆长安汽车'],
    ['新建线索 公司重庆长安汽车 张伟 13812345678', '重庆长安汽车'],
    ['新建线索 集团通信科技 张伟 13812345678', '集团通信科技'],
  ])('%s: what an organisation is ends its name or says what comes', (text, company) => {
    expect(understand(text)).toEqual({ type: 'lead.new', company, contact: '张伟', phone: '13812345678', problems: [] })
  })

  test.each(['公司 张伟', '有限公司 张伟', '我们公司 张伟', '集团 张伟', '公司张伟', '张伟 公司'])(
    '%s: a word for any company names none, so that it is asked for',
    said => {
      const known = { type: 'lead.new', contact: '张伟', phone: '13812345678', problems: [] }
      expect(understand(`新建线索 ${said} 13812345678`)).toEqual(known)
    },
  )

  test.each([
    ['-5', 'amount.not_positive'],
    ['0', 'amount.not_positive'],
    ['1e9', 'amount.exponent'],
    ['九十九亿亿', 'amount.too_large'],
    ['NaN', 'amount.unreadable'],
    ['1.234', 'amount.too_many_decimals'],
    ['80到100万', 'amount.unreadable'],
  ])('the budget %s is a problem, not a silent gap', (budget, code) => {
    const problems = [expect.objectContaining({ field: 'budget', code })]
    expect(understand(`新建线索 重庆长安汽车 张伟 13812345678 专线 预算${budget}`)).toEqual({
      ...lead,
      budgetMinor: undefined,
      problems,
    })
  })

  test('a number one digit short is a problem, not a company', () => {
    const problems = [expect.objectContaining({ field: 'phone', code: 'phone.unreadable' })]
    expect(understand('新建线索 重庆长安汽车 张伟 1381234567 专线 预算80万')).toEqual({ ...lead, phone: undefined, problems })
  })

  test('a company name of a hundred letters is a problem, the rest is kept', () => {
    const problems = [expect.objectContaining({ field: 'company', code: 'text.too_long' })]
    expect(understand(`新建线索 ${'重庆'.repeat(50)}公司 张伟 13812345678 专线 预算80万`)).toEqual({
      ...lead,
      company: undefined,
      problems,
    })
  })

  test('words that only begin like a label are read as what they are', () => {
    expect(understand('新建线索 重庆长安汽车 张伟 13812345678 电话会议')).toMatchObject({ interest: '电话会议', problems: [] })
    expect(understand('新建线索 重庆长安汽车 张伟 13812345678 预算管理系统')).toMatchObject({
      interest: '预算管理系统',
      problems: [],
    })
    expect(understand('新建线索 重庆长安汽车 张伟 13812345678 专线 预算待定')).toEqual({ ...lead, budgetMinor: undefined })
  })
})

test.each([
  ['帮我记一下,长安汽车的张伟想要专线,电话13812345678,预算大概80万', { ...lead, company: '长安汽车' }],
  ['有个新客户重庆长安汽车,张伟,13812345678,要做专线,预算80万', lead],
  [
    '刚才有个客户,重庆金科地产,联系人李经理,电话是13812345678,对云服务比较感兴趣,预算五十万左右',
    { ...lead, company: '重庆金科地产', contact: '李经理', interest: '云服务', budgetMinor: 50_000_000 },
  ],
])('a sentence with a number and a company proposes a lead: %s', (text, expected) => expect(understand(text)).toEqual(expected))

describe('the answer to a question about one field', () => {
  test.each([
    ['company', '公司是重庆长安汽车', '重庆长安汽车'],
    ['company', ' <b>长安</b>🚗 ', '<b>长安</b>🚗'],
    ['contact', '联系人:张伟', '张伟'],
    ['phone', '电话 138 1234 5678', '13812345678'],
    ['budget', '大概80万', 80_000_000],
    ['amount', '620,000.00', 62_000_000],
    ['contractType', '专线', '专线'],
    ['contractType', '其它', '其他'],
    ['title', '专线扩容', '专线扩容'],
    ['text', '第一行\n第二行', '第一行\n第二行'],
    ['interest', '需求:专线', '专线'],
    ['customer', '长安', '长安'],
  ] as const)('%s: %s', (field, text, value) => expect(fillField(field, text)).toEqual({ ok: true, value }))

  test.each([
    ['company', ' \u200b ', 'text.empty'],
    ['contact', '张'.repeat(31), 'text.too_long'],
    ['phone', '123', 'phone.unreadable'],
    ['budget', '-5', 'amount.not_positive'],
    ['amount', '1e9', 'amount.exponent'],
    ['amount', '', 'amount.unreadable'],
    ['contractType', '软件', 'contract.type_unknown'],
    ['text', '', 'text.empty'],
  ] as const)('%s: "%s" is refused with %s', (field, text, code) => {
    expect(fillField(field, text)).toMatchObject({ ok: false, code, message: expect.stringMatching(/。$/) })
  })
})
