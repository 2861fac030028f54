import { InvalidError } from '../../common/errors.ts'

/** ECMA-262: a date lies within so many milliseconds of 1970. */
const LAST_DATE_MS = 8.64e15

/** Where a page ended: time and id of its last row. Opaque to the caller. */
export interface Position {
  at: number
  id: string
}

export const encodeCursor = (position: Position): string =>
  Buffer.from(JSON.stringify([position.at, position.id])).toString('base64url')

/** @throws InvalidError `page.bad_cursor` */
export function decodeCursor(cursor: string | undefined): Position | undefined {
  if (!cursor) return undefined
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof at === 'number' && Math.abs(at) <= LAST_DATE_MS && typeof id === 'string') return { at, id }
  } catch {
    // falls through to the one refusal
  }
  throw new InvalidError('page.bad_cursor', '列表位置已失效,请刷新后重试。')
}

/** Rows fetched with one extra, as a page. */
export function asPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => Position,
  item: (row: Row) => Item,
) {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit).map(item), nextCursor: last ? encodeCursor(position(last)) : null }
}
