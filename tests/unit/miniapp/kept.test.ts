import { describe, expect, test } from '@jest/globals'
import { Answers } from '../../../miniapp/src/kernel/answers.ts'
import { Drafts } from '../../../miniapp/src/kernel/drafts.ts'
import { readAttachments } from '../../../miniapp/src/pages/contracts/attachments.ts'
import { memoryStore } from './memory-store.ts'

const DAY_MS = 86_400_000

describe('kept answers', () => {
  test('the last answer of a screen comes back with its time, to the same person only', () => {
    const answers = new Answers(memoryStore())
    answers.keep('p1', 'todos', { at: 1, value: ['old'] })
    answers.keep('p1', 'todos', { at: 2, value: ['new'] })
    expect(answers.find('p1', 'todos')).toEqual({ at: 2, value: ['new'] })
    expect(answers.find('p2', 'todos')).toBeNull()
  })

  test('only the forty newest are kept, and a giant one not at all', () => {
    const answers = new Answers(memoryStore())
    for (let index = 0; index < 41; index++) answers.keep('p1', `q${index}`, { at: index, value: index })
    answers.keep('p1', 'giant', { at: 99, value: 'x'.repeat(200_000) })
    expect(answers.find('p1', 'q0')).toBeNull()
    expect(answers.find('p1', 'q1')).toEqual({ at: 1, value: 1 })
    expect(answers.find('p1', 'giant')).toBeNull()
  })

  test('a full phone drops the oldest instead of failing', () => {
    const answers = new Answers(memoryStore(300))
    for (let index = 0; index < 20; index++) answers.keep('p1', `q${index}`, { at: index, value: 'x'.repeat(40) })
    expect(answers.find('p1', 'q19')).not.toBeNull()
    expect(answers.find('p1', 'q0')).toBeNull()
  })

  test('logging out forgets what the person saw', () => {
    const answers = new Answers(memoryStore())
    answers.keep('p1', 'todos', { at: 1, value: [] })
    answers.forget('p1')
    expect(answers.find('p1', 'todos')).toBeNull()
  })

  test('a damaged store counts as empty', () => {
    const store = memoryStore()
    store.setItem('kelian:answers:p1', '{broken')
    expect(new Answers(store).find('p1', 'todos')).toBeNull()
  })
})

describe('drafts', () => {
  test('a draft belongs to one person and one route, and lives seven days', () => {
    const drafts = new Drafts(memoryStore())
    drafts.save('p1', '/leads/new', { at: 0, values: { company: '长安' } })
    expect(drafts.find('p1', '/leads/new', 7 * DAY_MS - 1)?.values).toEqual({ company: '长安' })
    expect(drafts.find('p1', '/leads/new', 7 * DAY_MS)).toBeNull()
    expect(drafts.find('p2', '/leads/new', 1)).toBeNull()
    expect(drafts.find('p1', '/leads/new?draft=d1', 1)).toBeNull()
  })

  test('a phone that refuses to store says so', () => {
    expect(new Drafts(memoryStore(5)).save('p1', '/x', { at: 0, values: {} })).toBe(false)
  })

  test('attachments in a draft are read with suspicion', () => {
    const file = { id: 'f1', name: '合同.pdf', sizeBytes: 3, type: 'application/pdf' }
    expect(readAttachments(JSON.stringify([file, { id: 1 }, null]))).toEqual([file])
    expect(['', '{', '"x"', '{}'].map(readAttachments)).toEqual([[], [], [], []])
  })
})
