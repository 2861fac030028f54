import { asAppError, PlatformRefused } from '../../common/errors.ts'
import { leaseOf } from '../../models/kernel/lease.ts'
import type { BoardCopy, TodoDoc } from '../../models/todos/index.ts'
import { insist } from '../kernel/insist.ts'
import { preferredAccount } from '../kernel/paint.ts'
import type { TodoBoard } from '../kernel/ports.ts'
import { retryAfterMs } from '../kernel/retry.ts'
import type { Services } from '../kernel/services.ts'

/** Of the database's time; a call ends sooner. */
export const BOARD_LEASE_MS = 30_000

/** While the month's calls are scarce the copy waits; what is decided meanwhile never needs one. */
const SCARCE_MS = 3_600_000

/**
 * Bring the platform's own to-do list (DingTalk 待办) in line with one to-do of ours: put it there, mark it done or not done after all, or take it off.
 * Called by the worker that holds the row's lease. The platform takes our id, so a repetition makes no second task.
 */
export async function agreeWithBoard(services: Services, todo: TodoDoc): Promise<void> {
  const board = await bring(services, todo).catch((error: unknown) => failureOf(services, todo, error))
  await insist(() => services.models.todos.settleBoard(leaseOf(todo), todo, board))
}

async function bring(services: Services, todo: TodoDoc): Promise<BoardCopy> {
  const wanted = todo.state === 'open' ? 'open' : todo.dropped ? 'gone' : 'done'
  const settled = { ...todo.board, due: false, attempts: 0 }
  if (todo.board.shown === wanted) return settled
  const { taskId, userId, platform } = todo.board
  const list = platform === undefined ? undefined : services.todoBoards.get(platform)
  const isThere = todo.board.shown === 'open' || todo.board.shown === 'done'
  if (!taskId || !userId || !list || !isThere)
    return wanted === 'open' ? put(services, todo, settled) : { ...settled, shown: wanted }
  if (wanted === 'open') {
    if (!mayCall(services, list, 'mirror')) return later(services, todo)
    return (await list.reopen({ taskId, userId })) ? { ...settled, shown: 'open' } : put(services, todo, settled)
  }
  // An open task for what is over would send people on a useless way.
  if (!mayCall(services, list, 'notice')) return later(services, todo)
  await (wanted === 'done' ? list.finish({ taskId, userId }) : list.remove({ taskId, userId }))
  return { ...settled, shown: wanted }
}

async function put(services: Services, todo: TodoDoc, settled: BoardCopy): Promise<BoardCopy> {
  const person = await services.models.people.byId(todo.assigneeId)
  const account = person && preferredAccount(services, person)
  const list = account ? services.todoBoards.get(account.platform) : undefined
  if (!account || !list) return settled
  if (!mayCall(services, list, 'mirror')) return later(services, todo)
  const { taskId } = await list.create({
    sourceId: todo._id.replace(/[^0-9A-Za-z_-]/g, '-').slice(0, 64),
    userId: account.userId,
    title: todo.title,
    ...(todo.subtitle && { facts: [{ label: '说明', value: todo.subtitle }] }),
    url: services.links.h5(todo.to),
    ...(todo.dueAt && { dueAt: todo.dueAt.getTime() }),
  })
  return { ...settled, shown: 'open', platform: account.platform, userId: account.userId, taskId }
}

const mayCall = (services: Services, { platform }: TodoBoard, worth: 'notice' | 'mirror'): boolean =>
  services.channels.get(platform)?.mayCall?.(worth) ?? true

const later = (services: Services, todo: TodoDoc): BoardCopy => ({
  ...todo.board,
  nextAt: new Date(services.clock.now() + SCARCE_MS),
})

function failureOf(services: Services, todo: TodoDoc, thrown: unknown): BoardCopy {
  const failure = asAppError(thrown)
  const attempts = todo.board.attempts + 1
  const error = { code: failure.code, message: failure.message }
  const platformCode = thrown instanceof PlatformRefused ? thrown.details.platformCode : undefined
  services.log.warn({ code: failure.code, platformCode, todoId: todo._id, attempts }, "a to-do is not on the platform's list yet")
  // A task known under our id is found again, so an answer that was lost is no reason to stop.
  const waitMs = retryAfterMs(thrown, failure, attempts)
  if (waitMs === null) return { ...todo.board, due: false, attempts, error }
  return { ...todo.board, attempts, error, nextAt: new Date(services.clock.now() + waitMs) }
}
