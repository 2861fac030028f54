import type { Document, ObjectId } from 'mongodb'

/** Documents of the tests: any fields, and ids of several kinds. */
export type Item = Document & { _id?: string | number | ObjectId | unknown[] }

/** Runs something that must fail and gives its error. */
export async function failure(work: Promise<unknown>): Promise<Record<string, unknown> & { code?: number; message: string }> {
  try {
    await work
  } catch (error) {
    return error as never
  }
  throw new Error('expected a failure')
}

/** A document of so many levels. */
export function nested(levels: number): Document {
  let value: Document = { end: 1 }
  for (let level = 1; level < levels; level++) value = { d: value }
  return value
}
