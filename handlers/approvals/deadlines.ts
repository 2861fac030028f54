import { addWorking, elapsedWorking, usesUnpublishedYear, type WorkTime } from '../../engine/calendar/index.ts'
import { findNode, isManned, type PathEntry, type ProcessDefinition, type ProcessState } from '../../engine/process/index.ts'
import type { Calendars } from '../calendar/index.ts'
import type { Organisation } from '../people/organisation.ts'

/** Until when a step ought to be done. */
export interface Deadline {
  dueAt: number
  /** Working seconds from now until then; negative: so much too late. */
  leftWorkingSeconds: number
  /** Counted with a year whose holidays are not published yet. */
  provisional: boolean
}

interface Reading {
  calendars: Calendars
  organisation: Organisation
  definition: ProcessDefinition
  state: ProcessState
  /** Milliseconds. */
  now: number
}

const leftOf = (time: WorkTime, now: number, dueAt: number): number =>
  dueAt >= now ? elapsedWorking(time, now, dueAt) : -elapsedWorking(time, dueAt, now)

/** The end of a step's time limit in the working time of those who are asked there; undefined without a limit, or when it is over. */
export function deadlineOf(entry: PathEntry, { calendars, organisation, definition, state, now }: Reading): Deadline | undefined {
  const node = findNode(definition, entry.nodeId)
  const task = state.openTasks.find(candidate => candidate.taskId === entry.entryId)
  if (!task || !isManned(node) || !node.timeLimit) return undefined
  const time = calendars.ofPeople(organisation, task.assigneeIds)
  const dueAt = addWorking(time, entry.enteredAt, node.timeLimit.workingSeconds)
  return {
    dueAt,
    leftWorkingSeconds: leftOf(time, now, dueAt),
    provisional: usesUnpublishedYear(time, entry.enteredAt, dueAt),
  }
}
