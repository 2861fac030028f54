import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createProposer } from '../../../bot/providers/openai.ts'
import { fromProposal } from '../../../handlers/talk/proposer.ts'

const SENTENCE = '长安汽车的张伟想要专线,电话13812345678,预算大概80万'
const ANSWER = {
  intent: 'lead.new',
  company: '长安汽车',
  contact: '张伟',
  phone: '13812345678',
  interest: '专线',
  budget: '80万',
  customer: null,
  text: null,
}
const LEAD = {
  type: 'lead.new',
  company: '长安汽车',
  contact: '张伟',
  phone: '13812345678',
  interest: '专线',
  budgetMinor: 80_000_000,
  problems: [],
}

describe('a model only proposes', () => {
  test('a lead, read again by our own parsers', () => expect(fromProposal(ANSWER, SENTENCE)).toEqual(LEAD))

  test.each([
    [
      { intent: 'customer.find', customer: '长安' },
      { type: 'customer.find', query: '长安' },
    ],
    [
      { intent: 'customer.visit', customer: '长安' },
      { type: 'customer.visit', query: '长安' },
    ],
    [
      { intent: 'activity.write', customer: '长安', text: '聊了专线' },
      { type: 'activity.write', customer: '长安', text: '聊了专线' },
    ],
  ])('%j', (raw, intent) => expect(fromProposal(raw)).toEqual(intent))

  test.each([
    null,
    'text',
    [],
    {},
    { intent: 'approval.approve', ref: 'HT-2026-0001' },
    { intent: 'contract.submit' },
    { intent: 'none' },
    { intent: 'lead.new' },
    { intent: 'customer.find' },
    { intent: 'lead.new', company: { $ne: null } },
    { intent: 'lead.new', company: 5 },
  ])('%j is of no use', raw => expect(fromProposal(raw)).toBeNull())

  test('a number that nobody said is dropped, a bad amount is a problem', () => {
    expect(fromProposal({ ...ANSWER, phone: '13999999999' }, SENTENCE)).toEqual({ ...LEAD, phone: undefined })
    const problems = [expect.objectContaining({ field: 'budget', code: 'amount.exponent' })]
    expect(fromProposal({ ...ANSWER, budget: '1e9' }, SENTENCE)).toEqual({ ...LEAD, budgetMinor: undefined, problems })
  })

  test('any answer is taken or left without an accident', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null), fc.integer())
    const raw = fc.record({
      intent: fc.constantFrom('lead.new', 'customer.find', 'activity.write', 'x'),
      company: value,
      phone: value,
      budget: value,
      customer: value,
      text: value,
    })
    fc.assert(
      fc.property(fc.oneof(raw, fc.jsonValue()), answer => {
        const intent = fromProposal(answer)
        expect(intent === null || ['lead.new', 'customer.find', 'customer.visit', 'activity.write'].includes(intent.type)).toBe(
          true,
        )
      }),
    )
  })
})

describe('a provider of chat completions', () => {
  let server: Server | undefined
  const requests: { path: string | undefined; body: { model: string; response_format?: { type: string } } }[] = []

  /** Plays a provider: each request gets the next reply; `null` never answers. */
  async function provider(...replies: ({ status?: number; content?: string; body?: string } | null)[]) {
    requests.length = 0
    const playing = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        requests.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) })
        const reply = replies.shift()
        if (!reply) return
        const completion = {
          id: '1',
          object: 'chat.completion',
          choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: reply.content } }],
        }
        response
          .writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
          .end(reply.body ?? JSON.stringify(completion))
      })
    })
    server = playing
    await new Promise<void>(resolve => playing.listen(0, '127.0.0.1', resolve))
    const { port } = playing.address() as AddressInfo
    return createProposer({ apiKey: 'sk-secret', baseURL: `http://127.0.0.1:${port}/v1`, model: 'any-model' })
  }

  afterEach(async () => {
    server?.closeAllConnections()
    await new Promise(resolve => server?.close(resolve) ?? resolve(undefined))
    server = undefined
  })

  const patience = () => new AbortController().signal

  test('a good answer becomes the same lead as our own reading', async () => {
    const proposer = await provider({ content: JSON.stringify(ANSWER) })
    expect(fromProposal(await proposer.propose(SENTENCE, patience()), SENTENCE)).toEqual(LEAD)
    expect(requests).toMatchObject([
      {
        path: '/v1/chat/completions',
        body: {
          model: 'any-model',
          response_format: {
            type: 'json_schema',
            json_schema: {
              strict: true,
              schema: {
                additionalProperties: false,
                required: ['intent', 'company', 'contact', 'phone', 'interest', 'budget', 'customer', 'text'],
              },
            },
          },
        },
      },
    ])
  })

  test('a provider without structured outputs is asked for plain JSON, and from then on at once', async () => {
    const good = { content: `好的:\n\`\`\`json\n${JSON.stringify(ANSWER)}\n\`\`\`` }
    const proposer = await provider({ status: 400, body: '{"error":{"message":"response_format is not supported"}}' }, good, good)
    expect(fromProposal(await proposer.propose(SENTENCE, patience()))).toEqual(LEAD)
    expect(fromProposal(await proposer.propose(SENTENCE, patience()))).toEqual(LEAD)
    expect(requests.map(({ body }) => body.response_format?.type)).toEqual(['json_schema', 'json_object', 'json_object'])
  })

  test.each([
    { content: '我不知道' },
    { content: '{"intent": "lead.new", ' },
    { content: '{broken}' },
    { body: '{"choices":[]}' },
    { body: '{}' },
  ])('an answer without JSON proposes nothing: %j', async reply => {
    const proposer = await provider(reply)
    expect(fromProposal(await proposer.propose(SENTENCE, patience()))).toBeNull()
  })

  test.each([500, 401, 429])('status %d fails once, without a retry and without the key', async status => {
    const proposer = await provider({ status, body: '{"error":{"message":"key sk-secret, text 13812345678"}}' })
    const failure = await proposer.propose(SENTENCE, patience()).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'model.failed', details: { status } })
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/sk-secret|13812345678/)
    expect(requests).toHaveLength(1)
  })

  test('a slow provider is given up when the caller says so', async () => {
    const proposer = await provider(null)
    await expect(proposer.propose(SENTENCE, AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'model.failed' })
  })

  test('a provider that is not there fails', async () => {
    const proposer = createProposer({ apiKey: 'sk-secret', baseURL: 'http://127.0.0.1:1/v1', model: 'any-model' })
    await expect(proposer.propose(SENTENCE, patience())).rejects.toMatchObject({ code: 'model.failed' })
  })
})
