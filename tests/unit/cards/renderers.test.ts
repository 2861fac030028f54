import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DINGTALK_LIMITS, WECOM_LIMITS } from '../../../cards/limits.ts'
import { type Card, type CardButton, STATUS_TONES, type StatusWord } from '../../../cards/model.ts'
import {
  renderActionCard,
  renderDingTalk,
  renderText,
  renderTextCard,
  renderWeCom,
  type WeComTemplateCard,
} from '../../../cards/render/index.ts'
import { checkCard } from '../../../emulator/wecom/card-rules.ts'
import { overLong } from '../../../emulator/wecom/display.ts'
import { closedCard, openCard } from '../channels/support/fakes.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 250 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<b onclick="x()">王敏</b>',
    '👨‍👩‍👧‍👦'.repeat(20),
    '客'.repeat(400),
    '[点我](http://evil)',
    '\ud83d',
    '$userName=zhang3$',
    'a\r\nb\u202ec',
    '',
  ),
)
const url = fc.nat(9999).map(n => `https://crm.example.com/m/#/a/${n}`)
const style = fc.constantFrom(undefined, 'primary' as const, 'danger' as const)
const button: fc.Arbitrary<CardButton> = fc.oneof(
  fc.record({ type: fc.constant('callback' as const), id: fc.uuid(), label: fc.constantFrom('同意', '确认'), style }).map(clean),
  fc.record({ type: fc.constant('link' as const), id: fc.uuid(), label: fc.constantFrom('拒绝', '详情'), url, style }).map(clean),
)
const card: fc.Arbitrary<Card> = fc
  .record({
    kind: anyText,
    number: fc.option(anyText, { nil: undefined }),
    title: anyText,
    status: fc.constantFrom(...(Object.keys(STATUS_TONES) as StatusWord[])),
    facts: fc.array(fc.record({ label: anyText, value: anyText }), { maxLength: 9 }),
    reason: fc.option(anyText, { nil: undefined }),
    note: fc.option(anyText, { nil: undefined }),
    buttons: fc.array(button, { maxLength: 8 }),
    more: fc.option(fc.array(fc.record({ id: fc.uuid(), label: fc.constant('转交') }), { maxLength: 5 }), { nil: undefined }),
    link: fc.option(url, { nil: undefined }),
  })
  .map(clean)

function clean<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T
}

/** One line of plain text, whole characters only, within its limit. */
const expectLine = (text: string, limit: number) => {
  expect(text.length).toBeLessThanOrEqual(limit)
  expect(text).not.toMatch(/[\p{Cc}\p{Surrogate}\u202a-\u202e]/u)
}

/** The emulated platform takes the card as it is, and its client cuts nothing off. */
const expectAccepted = (drawn: WeComTemplateCard | null) => {
  checkCard(drawn as unknown as Record<string, unknown>, true)
  expect(overLong(drawn as unknown as Record<string, unknown>)).toEqual([])
}

describe('WeCom', () => {
  test('whatever a card holds, what is drawn keeps the platform’s limits', () => {
    fc.assert(
      fc.property(card, given => {
        const drawn = renderWeCom(given, { taskId: 'card-1', homeUrl: 'https://crm.example.com/m/' })
        if (!drawn) throw new Error('a card with an address can always be drawn')
        expectLine(drawn.source.desc, WECOM_LIMITS.sourceDesc)
        expectLine(drawn.main_title.title, WECOM_LIMITS.mainTitle)
        expect(drawn.main_title.title).not.toBe('')
        expectLine(drawn.main_title.desc, WECOM_LIMITS.mainDesc)
        expect((drawn.sub_title_text ?? '').length).toBeLessThanOrEqual(WECOM_LIMITS.subTitle)
        for (const text of (drawn.sub_title_text ?? '').split('\n')) expectLine(text, WECOM_LIMITS.subTitle)
        const rows = drawn.horizontal_content_list ?? []
        expect(rows.length).toBe(Math.min(given.facts.length, WECOM_LIMITS.rows))
        for (const row of rows) {
          expectLine(row.keyname, WECOM_LIMITS.rowKey)
          expectLine(row.value, WECOM_LIMITS.rowValue)
          expect(row.keyname).not.toBe('')
        }
        const decides = given.buttons.some(({ type }) => type === 'callback')
        expect(drawn.card_type).toBe(decides ? 'button_interaction' : 'text_notice')
        const buttons = drawn.button_list ?? []
        expect(buttons.map(item => item.text)).toEqual(
          decides ? given.buttons.slice(0, WECOM_LIMITS.buttons).map(item => item.label) : [],
        )
        const links = decides ? [] : given.buttons.slice(0, WECOM_LIMITS.jumps).map(item => item.label)
        expect((drawn.jump_list ?? []).map(item => item.title)).toEqual(links)
        expect(drawn.action_menu?.action_list.length ?? 0).toBe(Math.min(given.more?.length ?? 0, WECOM_LIMITS.menuActions))
        expectAccepted(drawn)
      }),
      { numRuns: 200 },
    )
  })

  test('whatever is asked, the platform takes the card, or it is said in words', () => {
    const option = fc.record({ id: fc.uuid(), label: anyText })
    const question = fc
      .record({
        id: fc.constantFrom('a', 'b', 'c', 'd'),
        title: anyText,
        options: fc.uniqueArray(option, { maxLength: 24, selector: ({ id }) => id }),
        many: fc.constantFrom(undefined, true as const),
      })
      .map(clean)
    const questions = fc.uniqueArray(question, { maxLength: 4, selector: ({ id }) => id })
    fc.assert(
      fc.property(card, questions, anyText, (given, asked, label) => {
        const asking: Card = {
          ...given,
          buttons: [],
          ask: { questions: asked, submit: { id: 'pick', label: label || '选好了' } },
        }
        const drawn = renderWeCom(asking, { taskId: 'card-1' })
        const [only, second] = asked
        const isVote = only !== undefined && !second && only.options.length >= 1 && only.options.length <= 20
        const fits = (each: (typeof asked)[number]) => each.options.length >= 1 && each.options.length <= 10 && !each.many
        const isSelect = second !== undefined && asked.length <= 3 && asked.every(fits)
        expect(drawn?.card_type).toBe(isVote ? 'vote_interaction' : isSelect ? 'multiple_interaction' : undefined)
        if (drawn) expectAccepted(drawn)
        else for (const each of asked) expect(renderText(asking).split('\n').length).toBeGreaterThan(each.options.length)
      }),
      { numRuns: 200 },
    )
  })

  test('a picture makes it a news card; its words stand below the picture', () => {
    const drawn = renderWeCom({ ...closedCard, picture: { url: 'https://crm.example.com/chart.png', ratio: 1.6 } })
    expect(drawn).toMatchObject({
      card_type: 'news_notice',
      card_image: { url: 'https://crm.example.com/chart.png', aspect_ratio: 1.6 },
      vertical_content_list: [{ title: '说明', desc: expect.stringContaining('已同意') }],
    })
    expectAccepted(drawn)
  })

  test('in a group a card is words and one link, whatever people typed into it', () => {
    fc.assert(
      fc.property(card, given => {
        const drawn = renderTextCard(given, 'https://crm.example.com/m/')
        if (!drawn) throw new Error('a card with an address can always be drawn')
        expect(drawn.title).not.toBe('')
        expect(Buffer.byteLength(drawn.title)).toBeLessThanOrEqual(128)
        expect(drawn.description.length).toBeLessThanOrEqual(512)
        expect(drawn.title + drawn.description).not.toMatch(/[<>]/)
      }),
      { numRuns: 100 },
    )
  })

  test('an open approval shows kind, number, title, facts, the reason and its buttons in order', () => {
    expect(renderWeCom(openCard, { taskId: 'card-1' })).toEqual({
      card_type: 'button_interaction',
      task_id: 'card-1',
      source: { desc: '合同审批 · 待处理', desc_color: 1 },
      main_title: { title: '合同审批 HT-2026-0041', desc: '长安汽车 · 专线扩容' },
      sub_title_text: '金额 620,000.00 > 500,000.00 → 副总',
      horizontal_content_list: [
        { keyname: '金额', value: '620,000.00 元' },
        { keyname: '类型', value: '专线' },
      ],
      action_menu: { desc: '更多', action_list: [{ text: '转交', key: 'transfer' }] },
      card_action: { type: 1, url: 'https://crm.example.com/m/#/a/1' },
      button_list: [
        { type: 0, text: '同意', style: 1, key: 'approve' },
        { type: 1, text: '拒绝', style: 2, url: 'https://crm.example.com/m/#/a/1/reject' },
        { type: 1, text: '详情', url: 'https://crm.example.com/m/#/a/1' },
      ],
    })
  })

  test('a closed card keeps title and facts, loses its buttons and leads with the outcome', () => {
    const drawn = renderWeCom(closedCard)
    expect(drawn).toMatchObject({ card_type: 'text_notice', source: { desc: '合同审批 · 已同意', desc_color: 3 } })
    expect(drawn?.sub_title_text).toBe('已同意 · 王敏 · 11-21 14:03\n金额 620,000.00 > 500,000.00 → 副总')
    expect(drawn?.button_list).toBeUndefined()
    expect(drawn?.action_menu).toBeUndefined()
  })

  test('a reason without end does not push the outcome off the card', () => {
    const drawn = renderWeCom({ ...openCard, reason: '理由'.repeat(200), note: '已由李四代为处理' })
    expect(drawn?.sub_title_text).toMatch(/…\n已由李四代为处理$/)
  })

  test('a card without button or address cannot be drawn', () => {
    const { link: _, ...bare } = closedCard
    expect(renderWeCom(bare)).toBeNull()
  })

  test('names with markup, emoji and reversing marks stay plain text in one line', () => {
    const drawn = renderWeCom({ ...openCard, title: '<b>长安\n汽车</b>\u202e 👨‍👩‍👧' })
    expect(drawn?.main_title.desc).toBe('<b>长安 汽车</b> 👨‍👩‍👧')
    expect(renderWeCom({ ...openCard, title: '👨‍👩‍👧'.repeat(10) })?.main_title.desc).toBe(`${'👨‍👩‍👧'.repeat(5)}…`)
  })
})

describe('DingTalk', () => {
  test('whatever a card holds, every value is a string of at most 1 KB and lists are JSON', () => {
    fc.assert(
      fc.property(card, given => {
        const drawn = renderDingTalk(given)
        expect(Object.keys(drawn).sort()).toEqual(['buttons', 'fields', 'status', 'title'])
        for (const value of Object.values(drawn)) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(DINGTALK_LIMITS.paramBytes)
        expectLine(drawn.title, DINGTALK_LIMITS.titleUnits)
        for (const field of JSON.parse(drawn.fields)) {
          expect(Object.keys(field)).toEqual(['label', 'value'])
          expectLine(field.label, 200)
          expectLine(field.value, 200)
        }
        for (const item of JSON.parse(drawn.buttons)) {
          const source = given.buttons.find(candidate => candidate.id === item.id)
          expect([item.text, item.url]).toEqual([source?.label, source?.type === 'link' ? source.url : undefined])
        }
      }),
      { numRuns: 200 },
    )
  })

  test('an open approval gives the template its variables; rarer acts stay on 详情', () => {
    const drawn = renderDingTalk(openCard)
    expect({ ...drawn, fields: JSON.parse(drawn.fields), buttons: JSON.parse(drawn.buttons) }).toEqual({
      title: '合同审批 HT-2026-0041 · 长安汽车 · 专线扩容',
      status: '待处理',
      fields: [
        { label: '金额', value: '620,000.00 元' },
        { label: '类型', value: '专线' },
        { label: '为什么是您', value: '金额 620,000.00 > 500,000.00 → 副总' },
      ],
      buttons: [
        { id: 'approve', text: '同意', style: 'primary' },
        { id: 'reject', text: '拒绝', url: 'https://crm.example.com/m/#/a/1/reject', style: 'danger' },
        { id: 'detail', text: '详情', url: 'https://crm.example.com/m/#/a/1' },
      ],
    })
  })

  test('when there is no room for everything, the deciding fact, the outcome and the decisions stay', () => {
    const facts = [
      { label: '金额', value: '1.00 元' },
      ...Array.from({ length: 60 }, (_, n) => ({ label: `项目${n}`, value: '长'.repeat(80) })),
    ]
    const links = Array.from({ length: 20 }, (_, n) => ({
      type: 'link' as const,
      id: `l${n}`,
      label: '详情',
      url: `https://crm.example.com/${'x'.repeat(80)}`,
    }))
    const drawn = renderDingTalk({ ...closedCard, facts, buttons: [...links, { type: 'callback', id: 'ok', label: '同意' }] })
    const fields = JSON.parse(drawn.fields)
    expect(fields[0]).toEqual({ label: '金额', value: '1.00 元' })
    expect(fields.at(-1).label).toBe('结果')
    expect(JSON.parse(drawn.buttons).at(-1)).toEqual({ id: 'ok', text: '同意' })
  })

  test('without a template buttons become links, words say the rest, and typed text cannot become a link or a tag', () => {
    const face = renderActionCard({ ...openCard, title: '[点我](http://evil) <img src=x> **粗**' })
    expect(face.buttons).toEqual([
      { title: '同意', url: 'https://crm.example.com/m/#/a/1' },
      { title: '拒绝', url: 'https://crm.example.com/m/#/a/1/reject' },
      { title: '详情', url: 'https://crm.example.com/m/#/a/1' },
    ])
    expect(face.text).not.toMatch(/\[点我\]|<img|\*\*粗/)
    expect(face.text).toContain('620,000.00 元')
    expect(face.text).toContain('也可以直接回复:同意')
    expect(renderActionCard(closedCard).buttons).toEqual([{ title: '详情', url: closedCard.link }])
  })
})

test('in words a card keeps its order and writes its links out', () => {
  expect(renderText(openCard).split('\n')).toEqual([
    '合同审批 HT-2026-0041 · 待处理',
    '长安汽车 · 专线扩容',
    '金额: 620,000.00 元',
    '类型: 专线',
    '金额 620,000.00 > 500,000.00 → 副总',
    '拒绝: https://crm.example.com/m/#/a/1/reject',
    '详情: https://crm.example.com/m/#/a/1',
  ])
})
