import { MongoClient } from 'mongodb'
import type { ApiCall } from '../../emulator/index.ts'
import { openEmbeddedStore } from '../../store/index.ts'
import type { Accepted } from './sales-load.ts'

interface Row {
  [field: string]: unknown
}

interface Sent {
  touser: string
  text?: { content: string }
  template_card?: { task_id?: string }
}

const twice = (values: readonly unknown[]): unknown[] => values.filter((value, index) => values.indexOf(value) !== index)

/** Compare what was accepted and what the platform was sent with what a stopped service left in its store. Each finding names the broken rule. */
export async function findings(dataDir: string, accepted: Accepted, calls: readonly ApiCall[]): Promise<string[]> {
  const store = await openEmbeddedStore({ dataDir })
  const client = await MongoClient.connect(store.uri)
  const rows = (name: string): Promise<Row[]> => client.db().collection(name).find<Row>({}).toArray()
  const leads = await rows('leads')
  const contracts = await rows('contracts')
  const cards = await rows('cards')
  const outbox = await rows('outbox')
  const drafts = JSON.stringify(await rows('drafts'))
  const waiting = JSON.stringify((await rows('cases')).map(row => (row.state as { openTasks?: unknown }).openTasks))
  const customers = await rows('customers')
  const todos = await rows('todos')
  const inbound = await rows('inbound')
  await client.close()
  await store.close()

  const found: string[] = []
  const none = (rule: string, broken: readonly unknown[]): void => {
    if (broken.length > 0) found.push(`${rule} (${broken.length}): ${broken.slice(0, 4).join(', ')}`)
  }
  const of = (list: readonly Row[], field: string): unknown[] => list.map(row => row[field])
  const phones = new Set(of(leads, 'phone'))
  const titles = new Set(of(contracts, 'title'))
  const taskOf = new Map(cards.map(card => [card._id, (card.params as { taskId?: string }).taskId]))
  none(
    'an accepted text left no draft',
    [...accepted.asked].filter(phone => !drafts.includes(phone)),
  )
  none(
    'an accepted 确认 wrote no lead',
    [...accepted.confirmed].filter(phone => !phones.has(phone)),
  )
  none(
    'an accepted 确认 wrote no contract',
    [...accepted.submitted].filter(title => !titles.has(title)),
  )
  none(
    'an accepted 同意 left its step waiting',
    [...accepted.approved].filter(id => waiting.includes(`"${taskOf.get(id)}"`)),
  )
  none('written twice', [
    ...twice(of(leads, 'phone')),
    ...twice(of(leads, 'number')),
    ...twice(of(customers, 'nameKey')),
    ...twice(of(contracts, 'title')),
    ...twice(of(contracts, 'number')),
    ...twice(
      of(
        todos.filter(row => row.kind === 'follow_up'),
        'subtitle',
      ),
    ),
  ])
  none(
    'an accepted event was not worked off',
    of(inbound, 'status').filter(status => status !== 'done'),
  )
  none(
    'a message was given up',
    of(
      outbox.filter(row => row.status === 'dead'),
      'text',
    ),
  )
  none(
    'a card was given up',
    of(
      cards.filter(row => row.status === 'dead'),
      '_id',
    ),
  )

  // A call that was cut off before it took effect may be repeated; one whose effect is certain or possible may not.
  const sends = calls.filter(call => call.path.endsWith('/message/send') && call.dropped !== 'before')
  const bodies = sends.map(call => ({ call, sent: call.body as Sent }))
  none('a card was sent twice', twice(bodies.flatMap(({ sent }) => sent.template_card?.task_id ?? [])))
  none(
    'a send whose answer was lost is not recorded as unknown',
    bodies
      .filter(({ call, sent }) => call.dropped === 'after' && sent.text)
      .map(({ sent }) => sent.text?.content)
      .filter(text => !outbox.some(row => row.text === text && row.status === 'unknown')),
  )
  return found
}
