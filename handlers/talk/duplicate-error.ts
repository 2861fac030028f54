import type { DuplicateMatch } from '../../common/contract/leads.ts'
import { ConflictError } from '../../common/errors.ts'

/** Somebody follows this company or phone already; `details.matches` says who and since when. */
export class DuplicateLeadError extends ConflictError {
  declare readonly details: { matches: DuplicateMatch[] }

  constructor(matches: DuplicateMatch[]) {
    super(
      'lead.duplicate',
      `已有人跟进:${[...new Set(matches.map(match => match.owner.name))].join('、')}。确需新建请选择"仍然创建"。`,
      { matches },
    )
  }
}

export const isDuplicate = (error: unknown): error is DuplicateLeadError => error instanceof DuplicateLeadError
