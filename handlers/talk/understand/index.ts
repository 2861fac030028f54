import { readActivity } from './activities.ts'
import { readApproval } from './approvals.ts'
import { readContract } from './contracts.ts'
import { readFind, readOwner, readQuestion, readVisit } from './customers.ts'
import { readDelegation } from './delegations.ts'
import { readFreeLead } from './free.ts'
import type { Intent, PhraseReader } from './intent.ts'
import { readLead } from './leads.ts'
import { readList } from './lists.ts'
import { readPortal } from './portal.ts'
import { readReply } from './replies.ts'
import { readRequest } from './requests.ts'
import { readSpace } from './spaces.ts'
import { tidy } from './text.ts'

export { type FieldAnswer, type FieldValues, fillField } from './fill.ts'
export type {
  ActivityField,
  ContractField,
  ContractIntent,
  DayWord,
  FieldProblem,
  Intent,
  IntentOf,
  LeadField,
  LeadIntent,
  Ref,
  Understanding,
} from './intent.ts'

/** The fixed phrases, most particular first: 撤销分享 is not 撤回, 查看待办 is not a customer called 看待办. */
const PHRASES: readonly PhraseReader[] = [
  readReply,
  readList,
  readLead,
  readContract,
  readRequest,
  readActivity,
  readPortal,
  readSpace,
  readDelegation,
  readApproval,
  readOwner,
  readFind,
  readVisit,
]

/** Free speech, tried when no phrase fits. */
const SENTENCES: readonly PhraseReader[] = [readFreeLead, readQuestion]

function firstOf(readers: readonly PhraseReader[], text: string): Intent | null {
  for (const read of readers) {
    const intent = read(text)
    if (intent) return intent
  }
  return null
}

/**
 * What a message asks for. Pure; never throws; reads the first 2,000 characters. Whether it is allowed, and whom a name means, is the
 * caller's to find out.
 */
export function understand(text: string): Intent {
  const said = tidy(text)
  return firstOf(PHRASES, said) ?? firstOf(SENTENCES, said) ?? { type: 'unknown', text: said }
}

/** Is this free speech that a language model may read better than we do? Never for a fixed phrase, an answer or a scrap. */
export function looksFree(text: string): boolean {
  const said = tidy(text)
  return said.length >= 6 && said.length <= 1000 && /\p{L}{2}/u.test(said) && firstOf(PHRASES, said) === null
}
