import type { ProcessDefinition } from './definition.ts'
import type { ProcessState } from './state.ts'

/**
 * A question that the engine cannot answer by itself; all but `person` and `delegate` are answered by person ids, possibly none.
 * Superiors, heads, holders, members and admins in an answer are people who are there.
 */
export type LookUp =
  | { type: 'superior'; personId: string }
  | { type: 'departmentHead'; personId: string }
  | { type: 'role'; role: string }
  | { type: 'group'; group: string }
  | { type: 'admins' }
  /** Is this person there (active)? Their id, else nothing. */
  | { type: 'person'; personId: string }
  /** Who stands in for this person now (one step of a chain)? Their id, else nothing. */
  | { type: 'delegate'; personId: string }

/** A look-up and the key under which `env.answers` must hold its answer. */
export type PersonNeed = LookUp & { key: string }

/** The committed state of an earlier revision; `env.states[revision]` must hold it. */
export interface StateNeed {
  type: 'state'
  revision: number
  /** `state:<revision>` */
  key: string
}

/** What must be fetched before an event can be decided. */
export type Need = PersonNeed | StateNeed

/** What a pure function is told from outside. */
export interface ProcessEnv {
  /** Milliseconds since the epoch. */
  now: number
  /** Person ids by need key. An empty list is an answer: nobody. */
  answers: Readonly<Record<string, readonly string[]>>
  /** Earlier states of the same case by revision. */
  states?: Readonly<Record<number, ProcessState>>
  /** The version that `migrate` moves to. */
  target?: ProcessDefinition
}

/** `superior:<personId>`, `role:<name>`, `admins` … */
export function needKey(lookUp: LookUp): string {
  switch (lookUp.type) {
    case 'superior':
    case 'departmentHead':
    case 'person':
    case 'delegate':
      return `${lookUp.type}:${lookUp.personId}`
    case 'role':
      return `role:${lookUp.role}`
    case 'group':
      return `group:${lookUp.group}`
    case 'admins':
      return 'admins'
  }
}

/** Answers what is known and remembers, in order, what is not. */
export interface Lookups {
  ask(lookUp: LookUp): readonly string[] | undefined
  stateAt(revision: number): ProcessState | undefined
  /** The questions asked in vain, each once. */
  open(): Need[]
}

export function createLookups({ answers, states = {} }: ProcessEnv): Lookups {
  const needs = new Map<string, Need>()
  return {
    ask(lookUp) {
      const key = needKey(lookUp)
      if (Object.hasOwn(answers, key)) return answers[key]
      needs.set(key, { ...lookUp, key })
      return undefined
    },
    stateAt(revision) {
      const state = Object.hasOwn(states, revision) ? states[revision] : undefined
      if (!state) needs.set(`state:${revision}`, { type: 'state', revision, key: `state:${revision}` })
      return state
    },
    open: () => [...needs.values()],
  }
}
