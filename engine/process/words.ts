import { MAX_COMMENT_LENGTH } from './event.ts'
import { refuse } from './result.ts'

/** A comment as it is kept: trimmed, absent when blank. Refused above 1000 characters. */
export function comment(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  if (lengthOf(trimmed) > MAX_COMMENT_LENGTH) refuse('approval.comment_too_long', { maxLength: MAX_COMMENT_LENGTH })
  return trimmed === '' ? undefined : trimmed
}

/** A comment that must say something. */
export const requiredComment = (text: string): string => comment(text) ?? refuse('approval.comment_required')

/** A reason that must be given: not blank, at most 1000 characters. */
export function requiredReason(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') refuse('approval.reason_required')
  if (lengthOf(trimmed) > MAX_COMMENT_LENGTH) refuse('approval.reason_too_long', { maxLength: MAX_COMMENT_LENGTH })
  return trimmed
}

/** In characters as people count them, not in UTF-16 units. */
const lengthOf = (text: string | undefined): number => (text === undefined ? 0 : [...text].length)
