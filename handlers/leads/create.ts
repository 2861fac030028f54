import { type LeadCreated, leadCreateInput } from '../../common/contract/leads.ts'
import { AppError, ConflictError } from '../../common/errors.ts'
import { parseAmount } from '../../common/money.ts'
import { cleanName, normaliseCompany } from '../../common/names.ts'
import { parsePhone } from '../../common/phone.ts'
import { searchKeys } from '../../common/pinyin.ts'
import { defineCommand } from '../kernel/command.ts'
import { routes } from '../kernel/links.ts'
import { draftSubject, requireOwnDraft } from '../talk/drafts.ts'
import { DuplicateLeadError } from '../talk/duplicate-error.ts'
import { findDuplicates } from './duplicates.ts'

const HOUR_MS = 3_600_000
/** A new lead is to be followed up by the end of the next day. */
const FOLLOW_UP_HOUR = 18

interface LeadFacts {
  company: string
  contact: string
  phone: string
  interest?: string
  budgetMinor?: number
}

/** Check what was typed; every fault is named at once. */
export function readLead(input: {
  company: string
  contact: string
  phone: string
  interest?: string | undefined
  budget?: string | undefined
}): LeadFacts {
  const fields: Record<string, string> = {}
  const company = cleanName(input.company, 60)
  const contact = cleanName(input.contact, 30)
  const phone = parsePhone(input.phone)
  const budget = input.budget ? parseAmount(input.budget) : null
  if (!normaliseCompany(company)) fields.company = '请填写公司名称'
  if (!contact) fields.contact = '请填写联系人'
  if (!phone) fields.phone = '电话号码不完整,例如 13812345678 或 023-12345678'
  if (budget && !budget.ok) fields.budget = budget.message
  if (Object.keys(fields).length > 0 || !phone) {
    throw new AppError('lead.invalid', Object.values(fields).join(';'), { details: { fields } })
  }
  return {
    company,
    contact,
    phone,
    ...(input.interest && { interest: cleanName(input.interest, 200) }),
    ...(budget?.ok && { budgetMinor: budget.minor }),
  }
}

/** 新建线索: writes the lead, creates or links customer and contact, and puts a follow-up on its creator's list. */
export const createLead = defineCommand({
  name: 'leads.create',
  title: '新建线索',
  input: leadCreateInput,
  surfaces: ['chat', 'card', 'h5'],
  kind: 'transaction',

  async prepare({ services, commandId, now }, input) {
    const lead = readLead(input)
    const number = await services.models.reservations.nextNumber(`XS-${services.time.year(now)}`, commandId)
    return { lead, number }
  },

  async run({ services, actor, now, id }, input, session, { lead, number }) {
    const { models, time } = services
    const at = new Date(now)
    await requireOwnDraft(services, actor, input.draftId, 'lead')
    const nameKey = normaliseCompany(lead.company)
    // Two people who enter the same company or phone at the same moment meet here: the later one runs again and sees the first.
    await models.reservations.meet(`company:${nameKey}`, { session })
    await models.reservations.meet(`phone:${lead.phone}`, { session })
    const matches = await findDuplicates(services, actor, lead, { session })
    if (matches.length > 0 && !input.anyway) throw new DuplicateLeadError(matches)

    const known = await models.customers.byNameKey(nameKey, { session })
    const customerId = known?._id ?? id('customer')
    if (!known) {
      await models.customers.insert(
        {
          _id: customerId,
          name: lead.company,
          nameKey,
          ...searchKeys(lead.company),
          stage: '潜在',
          source: '销售录入',
          tags: [],
          ownerId: actor.personId,
          ownerSince: at,
          createdAt: at,
          lastActivityAt: at,
        },
        { session },
      )
    }
    const contactId = await models.contacts.ensure(
      { _id: id('contact'), customerId, name: lead.contact, phone: lead.phone, createdBy: actor.personId, createdAt: at },
      { session },
    )
    const leadId = id('lead')
    const organisation = await services.organisation.current()
    await models.leads.insert(
      {
        _id: leadId,
        number,
        ...lead,
        status: '新建',
        customerId,
        contactId,
        ownerId: actor.personId,
        createdBy: actor.personId,
        createdAt: at,
      },
      { session },
    )
    await models.customers.touch(customerId, at, { session })
    await models.timeline.add(
      {
        _id: id('timeline'),
        customerId,
        at,
        type: 'lead',
        title: `新建线索 ${number}`,
        ...(lead.interest && { text: lead.interest }),
        byId: actor.personId,
      },
      { session },
    )
    await models.todos.open(
      {
        _id: id('todo'),
        kind: 'follow_up',
        assigneeId: actor.personId,
        title: `跟进线索 ${lead.company}`,
        subtitle: `${lead.contact} · ${number}`,
        customerId,
        to: routes.customer(customerId),
        createdAt: at,
        dueAt: new Date(time.addDays(now, 1) + FOLLOW_UP_HOUR * HOUR_MS),
        doneAt: null,
        state: 'open',
      },
      { session },
    )
    const touch: string[] = []
    if (input.draftId) {
      const outcome = {
        number,
        id: customerId,
        note: `已写入 · ${organisation.name(actor.personId)} · ${time.stamp(now, now)}`,
        at,
      }
      const closed = await models.talk.close(input.draftId, 'done', outcome, { session })
      if (!closed) throw new ConflictError('draft.closed', '这份草稿已经处理过,没有重复写入。')
      touch.push(draftSubject(input.draftId))
    }
    const result: LeadCreated = { leadId, number, customerId }
    return { result, subject: `lead:${leadId}`, touch }
  },
})
