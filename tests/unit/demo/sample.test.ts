import { expect, test } from '@jest/globals'
import { SAMPLE_CONTRACTS } from '../../../bot/demo/seed-contracts.ts'
import { SAMPLE_CUSTOMERS } from '../../../bot/demo/seed-customers.ts'
import { notesFor } from '../../../bot/demo/seed-notes.ts'
import { parseAmount } from '../../../common/money.ts'
import { normaliseCompany } from '../../../common/names.ts'
import { sampleCompany } from '../../../emulator/index.ts'

test('the sample has 30 customers, 60 leads and 40 contracts', () => {
  expect(SAMPLE_CUSTOMERS).toHaveLength(30)
  expect(SAMPLE_CUSTOMERS.flatMap(customer => customer.leads)).toHaveLength(60)
  expect(SAMPLE_CONTRACTS).toHaveLength(40)
})

test('no two customers count as the same company', () => {
  const keys = new Set(SAMPLE_CUSTOMERS.map(customer => normaliseCompany(customer.name)))
  expect(keys.size).toBe(SAMPLE_CUSTOMERS.length)
})

test('every customer belongs to somebody in the sample company', () => {
  const accounts = new Set(
    sampleCompany.people.flatMap(person => [`wecom:${person.wecomUserId}`, `dingtalk:${person.dingtalkUserId}`]),
  )
  expect(SAMPLE_CUSTOMERS.filter(customer => !accounts.has(customer.owner))).toEqual([])
})

test('every contract is with a customer of the sample, later than its first lead, for an amount that is accepted', () => {
  for (const contract of SAMPLE_CONTRACTS) {
    const customer = SAMPLE_CUSTOMERS.find(candidate => candidate.name === contract.customer)
    expect(customer?.leads[0]?.daysAgo ?? 0).toBeGreaterThan(contract.daysAgo)
    expect(parseAmount(contract.amount)).toMatchObject({ ok: true })
  }
})

test('every budget is an amount that is accepted', () => {
  const budgets = SAMPLE_CUSTOMERS.flatMap(customer => customer.leads.map(lead => parseAmount(lead.budget).ok))
  expect(budgets).not.toContain(false)
})

test('a note names the contact or the wish, and no placeholder is left', () => {
  for (let turn = 0; turn < 12; turn += 1) {
    const notes = notesFor(turn, { contact: '张工', interest: '专线' })
    expect(notes).toHaveLength(3)
    for (const { text } of notes) expect(text).toMatch(/^[^{}]*(张工|专线)[^{}]*$/)
  }
})
