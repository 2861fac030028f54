import type { DuplicateMatch } from '../../../../common/contract/leads.ts'

/** By what a lead resembles a customer that somebody follows. */
export const DUPLICATE_WORDS: Record<DuplicateMatch['by'], string> = { phone: '电话相同', company: '公司名相同' }
