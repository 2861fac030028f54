/** A question about people that the engine cannot answer by itself. */
export type LookUp =
  | { type: 'superior'; personId: string }
  | { type: 'departmentHead'; personId: string }
  | { type: 'role'; role: string }
  | { type: 'admins' }

/** A look-up and the key under which `env.answers` must hold its answer (person ids, possibly none). */
export type Need = LookUp & { key: string }

/** `superior:<personId>`, `departmentHead:<personId>`, `role:<name>`, `admins`. */
export function needKey(lookUp: LookUp): string {
  switch (lookUp.type) {
    case 'superior':
    case 'departmentHead':
      return `${lookUp.type}:${lookUp.personId}`
    case 'role':
      return `role:${lookUp.role}`
    case 'admins':
      return 'admins'
  }
}

/** What a pure function is told from outside. */
export interface ProcessEnv {
  /** Milliseconds since the epoch. */
  now: number
  /** Person ids by need key. An empty list is an answer: nobody. */
  answers: Readonly<Record<string, readonly string[]>>
}

/** Answers what is known and remembers, in order, what is not. */
export interface Lookups {
  ask(lookUp: LookUp): readonly string[] | undefined
  /** The questions asked in vain, each once. */
  open(): Need[]
}

export function createLookups(answers: ProcessEnv['answers']): Lookups {
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
