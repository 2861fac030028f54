import { type Connection, Schema } from 'mongoose'
import type { TodoRow } from '../../common/contract/todos.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** 待办 */
export interface TodoDoc {
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
}

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
  },
  plainSchema,
)
schema.index({ assigneeId: 1, state: 1, createdAt: -1, _id: 1 })
schema.index({ customerId: 1, state: 1 })

export function createTodos(connection: Connection) {
  const model = modelOn<TodoDoc>(connection, 'Todo', schema, 'todos')
  return {
    model,
    byId: (id: string) => model.findById(id).lean<TodoDoc>(),
    async open(todo: TodoDoc, options?: InSession): Promise<void> {
      const { _id, ...rest } = todo
      await model.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true, ...withSession(options) })
    },
    /** Open or close them as a step of their case says; steps may come late and out of order. */
    async follow(todos: readonly (TodoDoc & { revision: number })[]): Promise<void> {
      if (todos.length === 0) return
      const known = await model.bulkWrite(
        todos.map(({ _id, ...rest }) => ({
          updateOne: { filter: { _id }, update: { $setOnInsert: rest }, upsert: true },
        })),
        { ordered: false },
      )
      if (known.upsertedCount === todos.length) return
      await model.bulkWrite(
        todos.map(({ _id, revision, title, subtitle, to, state, doneAt }) => ({
          updateOne: {
            filter: { _id, revision: { $not: { $gte: revision } } },
            update: { $set: { revision, title, to, state, doneAt, ...(subtitle && { subtitle }) } },
          },
        })),
        { ordered: false },
      )
    },
    async close(ids: readonly string[], at: Date, options?: InSession): Promise<void> {
      if (ids.length === 0) return
      await model.updateMany(
        { _id: { $in: [...ids] }, state: 'open' },
        { $set: { state: 'done', doneAt: at } },
        withSession(options),
      )
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
