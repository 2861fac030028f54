import type { Outcome, PathEntry } from '../../engine/process/index.ts'

/** What became of a step, as cards, messages and refusals say it. */
export const OUTCOME_WORDS: Readonly<Record<string, string>> = {
  submitted: '已提交',
  approved: '已同意',
  rejected: '已拒绝',
  done: '已完成',
  passed: '自动通过',
  returned: '已退回',
  skipped: '已跳过',
  cancelled: '已取消',
  withdrawn: '已撤回',
}

/** The same in the path of the detail page, without 已. */
export const PATH_WORDS: Partial<Record<NonNullable<PathEntry['outcome']>, string>> = {
  submitted: '提交',
  approved: '同意',
  rejected: '拒绝',
  done: '完成',
  passed: '自动通过',
  returned: '退回',
  skipped: '跳过',
  cancelled: '取消',
  withdrawn: '撤回',
}

export const MODE_WORDS = { anyOf: '或签', countersign: '会签', sequential: '依次审批', vote: '票签' } as const

export const PLACEMENT_WORDS: Readonly<Record<string, string>> = { before: '前加签', after: '后加签', parallel: '并加签' }

/** How a case ended, for those who took part. */
export const END_WORDS: Readonly<Record<Outcome, string>> = {
  approved: '审批已全部通过。',
  rejected: '审批已结束,没有通过。',
  withdrawn: '提交人已撤回,审批结束。',
  terminated: '管理员已终止这个审批。',
}

/** Why a seat passed to somebody else. */
export const TRANSFER_WORDS = { asked: '转交', overdue: '超时自动转交', leaver: '离职交接', admin: '管理员改派' } as const
