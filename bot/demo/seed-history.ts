import { deriveId } from '../../common/ids.ts'
import { createActivity } from '../../handlers/activities/index.ts'
import { createLead } from '../../handlers/leads/index.ts'
import { completeTodo } from '../../handlers/todos/index.ts'
import type { SampleCustomer, SampleLead } from './seed-customers.ts'
import { notesFor } from './seed-notes.ts'
import type { Actor, Replay } from './seed-replay.ts'

/** Follow-ups of older leads are done; younger ones are open, some of them late. In days. */
const STILL_OPEN_DAYS = 6
const NOTE_MINUTES = 17
const MINUTE_MS = 60_000

export const leadCommandId = (customer: number, lead: number): string => `demo:lead:${customer}:${lead}`

/** When a lead of the sample came in; leads of one day come one after the other. */
export const leadAt = (replay: Replay, lead: SampleLead, customer: number): number =>
  replay.at(lead.daysAgo, 9 + (customer % 8)) + (customer % 6) * MINUTE_MS

/** Invented numbers, one for each contact. */
function phoneOf(customer: number, lead: number): string {
  const prefix = ['138', '139', '136', '158'][customer % 4] ?? '138'
  return `${prefix}0000${2000 + customer * 10 + lead}`
}

/** Leads of one customer with their follow-ups and notes. Returns the customer's id. */
export async function replayHistory(
  replay: Replay,
  actor: Actor,
  customer: SampleCustomer,
  index: number,
): Promise<string | undefined> {
  let customerId: string | undefined
  for (const [turn, lead] of customer.leads.entries()) {
    const commandId = leadCommandId(index, turn)
    const at = leadAt(replay, lead, index)
    const sameContact = customer.leads.findIndex(other => other.contact === lead.contact)
    const created = await replay.run(
      createLead,
      {
        company: customer.name,
        contact: lead.contact,
        phone: phoneOf(index, sameContact),
        interest: lead.interest,
        budget: lead.budget,
        anyway: true,
      },
      { actor, at, commandId },
    )
    customerId = created.customerId
    if (lead.daysAgo > STILL_OPEN_DAYS) {
      const todoId = deriveId(commandId, 'todo')
      await replay.run(completeTodo, { todoId }, { actor, at: replay.at(lead.daysAgo - 1, 15), commandId: `${commandId}:done` })
      await takeNotes(replay, actor, { customerId, lead, commandId, turn: index + turn, count: turn === 0 ? 3 : 1 })
    }
  }
  return customerId
}

async function takeNotes(
  replay: Replay,
  actor: Actor,
  about: { customerId: string; lead: SampleLead; commandId: string; turn: number; count: number },
): Promise<void> {
  const { customerId, lead, commandId, turn, count } = about
  for (const [stage, note] of notesFor(turn, lead).slice(0, count).entries()) {
    const daysAgo = Math.max(1, Math.round(lead.daysAgo * (0.95 - stage * 0.35)) - 1)
    const at = replay.at(daysAgo, 10 + (turn % 7)) + (turn % 3) * NOTE_MINUTES * MINUTE_MS
    await replay.run(createActivity, { customerId, ...note }, { actor, at, commandId: `${commandId}:note:${stage}` })
  }
}
