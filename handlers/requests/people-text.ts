import { z } from 'zod'

const people = z.array(z.object({ id: z.string(), name: z.string() }))

/** People as a draft keeps them: JSON text with their names, as the form does. */
export const writePeople = (ids: unknown, nameOf: (personId: string) => string): string =>
  JSON.stringify([ids].flat().flatMap(id => (typeof id === 'string' ? [{ id, name: nameOf(id) }] : [])))

/** The same read; anything else names nobody. */
export function readPeople(text: string | undefined): { id: string; name: string }[] {
  try {
    return people.safeParse(JSON.parse(text || '[]')).data ?? []
  } catch {
    return []
  }
}
