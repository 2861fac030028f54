import { checkInitiatorChoices, takeChoices } from '../choices.ts'
import type { ProcessDefinition } from '../definition.ts'
import type { EventOf } from '../event.ts'
import { checkForm } from '../form.ts'
import { addEntry, given } from '../path.ts'
import { refuse } from '../result.ts'
import { type ProcessState, STATE_SCHEMA } from '../state.ts'
import { goOn } from '../tokens/walk.ts'
import type { Turn } from '../turn.ts'

/** A case of which nothing has happened yet. */
export const newCase = (
  { key, version }: ProcessDefinition,
  { caseId, by, form }: Pick<EventOf<'submit'>, 'caseId' | 'by' | 'form'>,
  now: number,
): ProcessState => ({
  schema: STATE_SCHEMA,
  caseId,
  definition: { key, version },
  status: 'running',
  revision: 0,
  submitterId: by,
  submittedAt: now,
  form,
  choices: {},
  path: [],
  entered: 0,
  openTasks: [],
  openForks: [],
  incidents: [],
  remarks: [],
  copiedIds: [],
})

/** 提交: a case begins, with what must be filled and with whom the submitter must name. */
export function submit(turn: Turn, event: EventOf<'submit'>): void {
  checkForm(event.form, turn.definition)
  const start = startOf(turn)
  takeChoices(turn, start, event.choices)
  checkInitiatorChoices(turn)
  begin(turn, event)
}

/** Puts the first token on its way. */
export function begin(turn: Turn, { by, via }: { by: string; via?: string | undefined }): void {
  const left = { leftAt: turn.now, outcome: 'submitted', byId: by, ...given('via', via) } as const
  goOn(turn, addEntry(turn, startOf(turn), { forks: [], ...left }))
}

const startOf = ({ definition }: Turn) =>
  definition.nodes.find(node => node.type === 'start') ?? refuse('approval.definition_invalid')
