import { type Connection, Schema } from 'mongoose'
import type { TodoRow } from '../../common/contract/todos.ts'
import { createGroupWrite } from '../kernel/group-write.ts'
import { createLeases, type Lease, type Leased, leaseFields, unleased } from '../kernel/lease.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** What the platform's own to-do list shows of it. `nothing`: not put there, `gone`: taken off. */
export interface BoardCopy {
  shown: 'nothing' | 'open' | 'done' | 'gone'
  /** The platform's copy may differ from ours; what the worker looks for. */
  due: boolean
  nextAt: Date
  attempts: number
  platform?: string
  userId?: string
  taskId?: string
  error?: { code: string; message: string }
}

/** 待办 */
export interface TodoDoc extends Leased {
  _id: string
  kind: TodoRow['kind']
  assigneeId: string
  title: string
  subtitle?: string
  customerId?: string
  /** Hash route where it is done. */
  to: string
  createdAt: Date
  dueAt: Date | null
  doneAt: Date | null
  state: 'open' | 'done'
  /** Of the case it belongs to: an older step changes nothing. */
  revision?: number
  /** It ended without being done: withdrawn, or passed on to somebody else. */
  dropped?: boolean
  board: BoardCopy
}

export type NewTodo = Omit<TodoDoc, 'board' | 'dropped' | keyof Leased>
/** A to-do that follows a case. */
export type FollowedTodo = NewTodo & { revision: number; dropped?: boolean }

const newBoard = (nextAt: Date): BoardCopy => ({ shown: 'nothing', due: true, nextAt, attempts: 0 })

const schema = new Schema<TodoDoc>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    assigneeId: { type: String, required: true },
    title: { type: String, required: true },
    subtitle: String,
    customerId: String,
    to: { type: String, required: true },
    createdAt: { type: Date, required: true },
    dueAt: { type: Date, default: null },
    doneAt: { type: Date, default: null },
    state: { type: String, required: true },
    revision: Number,
    dropped: Boolean,
    board: {
      type: new Schema<BoardCopy>(
        {
          shown: { type: String, required: true },
          due: { type: Boolean, required: true },
          nextAt: { type: Date, required: true },
          attempts: { type: Number, required: true },
          platform: String,
          userId: String,
          taskId: String,
          error: { code: String, message: String },
        },
        { _id: false },
      ),
      required: true,
    },
    ...leaseFields,
  },
  plainSchema,
)
schema.index({ assigneeId: 1, state: 1, createdAt: -1, _id: 1 })
schema.index({ customerId: 1, state: 1 })
schema.index({ 'board.nextAt': 1 }, { partialFilterExpression: { 'board.due': true } })

export function createTodos(connection: Connection) {
  const model = modelOn<TodoDoc>(connection, 'Todo', schema, 'todos')
  const leases = createLeases(model)
  const { writeLater } = createGroupWrite(model)
  return {
    model,
    byId: (id: string) => model.findById(id).lean<TodoDoc>(),
    async open(todo: NewTodo, options?: InSession): Promise<void> {
      const { _id, ...rest } = todo
      await model.updateOne(
        { _id },
        { $setOnInsert: { ...rest, board: newBoard(todo.createdAt), ...unleased() } },
        { upsert: true, ...withSession(options) },
      )
    },

    /** Open or close them as a step of their case says; steps may come late and out of order. */
    async follow(todos: readonly FollowedTodo[], at: Date): Promise<void> {
      await Promise.all(
        todos.map(({ _id, revision, state, doneAt, dueAt, dropped = false, title, subtitle, ...same }) =>
          writeLater({
            updateOne: {
              filter: { _id, revision: { $not: { $gte: revision } } },
              update: {
                $set: {
                  revision,
                  state,
                  doneAt,
                  dueAt,
                  dropped,
                  title,
                  ...(subtitle && { subtitle }),
                  'board.due': true,
                  'board.nextAt': at,
                  'board.attempts': 0,
                },
                $setOnInsert: { ...same, 'board.shown': 'nothing', ...unleased() },
              },
              upsert: true,
            },
          }),
        ),
      )
    },

    /** @param options `dropped`: nobody did it, it was withdrawn or passed on */
    async close(ids: readonly string[], at: Date, options?: InSession & { dropped?: boolean }): Promise<void> {
      if (ids.length === 0) return
      await model.updateMany(
        { _id: { $in: [...ids] }, state: 'open' },
        {
          $set: {
            state: 'done',
            doneAt: at,
            ...(options?.dropped && { dropped: true }),
            'board.due': true,
            'board.nextAt': at,
            'board.attempts': 0,
          },
        },
        withSession(options),
      )
    },

    /** The next to-do of which the platform's list may show something else. */
    claimForBoard: (by: string, now: Date, leaseMs: number): Promise<TodoDoc | null> =>
      leases.claim({ filter: { 'board.due': true, 'board.nextAt': { $lte: now } }, by, leaseMs, sort: { 'board.nextAt': 1 } }),

    /** What the platform's list shows now. It stays due when the to-do itself changed meanwhile. */
    async settleBoard(lease: Lease, seen: Pick<TodoDoc, 'state'>, board: BoardCopy): Promise<void> {
      const same = await model.findOne({ _id: lease.id, state: seen.state }).lean<TodoDoc>()
      await leases.finish(lease, { board: same ? board : { ...board, due: true, attempts: 0 } })
    },
    async reassign(fromId: string, toId: string): Promise<void> {
      await model.updateMany({ assigneeId: fromId }, { $set: { assigneeId: toId } })
    },
    page(assigneeId: string, state: TodoDoc['state'], limit: number, after?: { at: number; id: string }): Promise<TodoDoc[]> {
      const before = after
        ? { $or: [{ createdAt: { $lt: new Date(after.at) } }, { createdAt: new Date(after.at), _id: { $gt: after.id } }] }
        : {}
      return model
        .find({ $and: [{ assigneeId, state }, before] })
        .sort({ createdAt: -1, _id: 1 })
        .limit(limit)
        .lean<TodoDoc[]>()
    },
    count: (assigneeId: string, kind?: TodoDoc['kind']) =>
      model.countDocuments({ assigneeId, state: 'open', ...(kind && { kind }) }),
    ofCustomer: (customerId: string, limit = 20) =>
      model.find({ customerId, state: 'open' }).sort({ dueAt: 1 }).limit(limit).lean<TodoDoc[]>(),
  }
}
