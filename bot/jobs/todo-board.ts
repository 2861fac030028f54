import type { Services } from '../../handlers/kernel/services.ts'
import { agreeWithBoard, BOARD_LEASE_MS } from '../../handlers/todos/platform.ts'
import type { TodoDoc } from '../../models/todos/index.ts'
import { createLoop, type Loop } from './loop.ts'

const IDLE_MS = 1_000
const WORKERS = 4

/** Keeps the platforms' own to-do lists equal to ours; with no such platform it does nothing. */
export const startTodoBoard = (services: Services, processId: string): Loop =>
  createLoop<TodoDoc>({
    name: 'todo-board',
    concurrency: WORKERS,
    idleMs: IDLE_MS,
    claim: async () =>
      services.todoBoards.size === 0
        ? null
        : services.models.todos.claimForBoard(processId, new Date(services.clock.now()), BOARD_LEASE_MS),
    work: todo => agreeWithBoard(services, todo),
    log: services.log,
  })
