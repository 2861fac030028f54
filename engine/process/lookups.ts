/** A question that the engine cannot answer by itself; all but `person` and `delegate` are answered by person ids, possibly none. */
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
export type Need = LookUp & { key: string }

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
  /** The questions asked in vain, each once. */
  open(): Need[]
}

export function createLookups(answers: Readonly<Record<string, readonly string[]>>): Lookups {
  const needs = new Map<string, Need>()
  return {
    ask(lookUp) {
      const key = needKey(lookUp)
      if (Object.hasOwn(answers, key)) return answers[key]
      needs.set(key, { ...lookUp, key })
      return undefined
    },
    open: () => [...needs.values()],
  }
}
