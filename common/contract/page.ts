import { z } from 'zod'

/** One page of a list. `nextCursor` is opaque; null at the end. */
export interface Page<Row> {
  items: Row[]
  nextCursor: string | null
}

/** What every list takes. */
export const pageInput = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** The body of every refusal. `fields` names what is wrong in a form: field → sentence. */
export interface ErrorBody {
  error: { code: string; message: string; fields?: Record<string, string>; details?: Record<string, unknown> }
}
