import { MAX_COMMENT_LENGTH } from './event.ts'
import { type Refused, refused } from './result.ts'

/** A comment as it is kept: trimmed, absent when blank. Refused above 1000 characters. */
export function comment(text: string | undefined): { text: string | undefined } | Refused {
  const trimmed = text?.trim()
  if (lengthOf(trimmed) > MAX_COMMENT_LENGTH) return refused('approval.comment_too_long', { maxLength: MAX_COMMENT_LENGTH })
  return { text: trimmed === '' ? undefined : trimmed }
}

/** A reason that must be given: not blank, at most 1000 characters. */
export function requiredReason(text: string): { text: string } | Refused {
  const trimmed = text.trim()
  if (trimmed === '') return refused('approval.reason_required')
  if (lengthOf(trimmed) > MAX_COMMENT_LENGTH) return refused('approval.reason_too_long', { maxLength: MAX_COMMENT_LENGTH })
  return { text: trimmed }
}

/** In characters as people count them, not in UTF-16 units. */
const lengthOf = (text: string | undefined): number => (text === undefined ? 0 : [...text].length)
