import type { Connection } from 'mongoose'
import { escapeRegex, type InSession, modelOn, withSession } from '../kernel/mongo.ts'
import { type CustomerDoc, customerSchema } from './schema.ts'

/** A MongoDB filter made by `engine/condition` from a permission scope. */
export type ScopeFilter = Record<string, unknown>

/** Where the previous page ended. */
export interface After {
  at: number
  id: string
}

const olderThan = (after: After | undefined) =>
  after
    ? { $or: [{ lastActivityAt: { $lt: new Date(after.at) } }, { lastActivityAt: new Date(after.at), _id: { $gt: after.id } }] }
    : {}

const matching = (keys: readonly string[]) =>
  keys.length === 0
    ? {}
    : {
        $or: keys.flatMap(key => [
          { grams: new RegExp(`^${escapeRegex(key)}`) },
          { initials: new RegExp(`^${escapeRegex(key)}`) },
        ]),
      }

export function createCustomers(connection: Connection) {
  const model = modelOn<CustomerDoc>(connection, 'Customer', customerSchema, 'customers')

  return {
    model,

    byId: (id: string, options?: InSession) => model.findById(id, null, withSession(options)).lean<CustomerDoc>(),
    byIds: (ids: readonly string[]) => model.find({ _id: { $in: [...ids] } }).lean<CustomerDoc[]>(),
    byNameKey: (nameKey: string, options?: InSession) =>
      model.findOne({ nameKey }, null, withSession(options)).lean<CustomerDoc>(),

    /** Customers whose name or pinyin contains one of the keys, newest activity first, within the scope. */
    search(keys: readonly string[], scope: ScopeFilter, limit: number, after?: After): Promise<CustomerDoc[]> {
      return model
        .find({ $and: [scope, matching(keys), olderThan(after)] })
        .sort({ lastActivityAt: -1, _id: 1 })
        .limit(limit)
        .lean<CustomerDoc[]>()
    },

    count: (keys: readonly string[], scope: ScopeFilter) => model.countDocuments({ $and: [scope, matching(keys)] }),

    /** Names only, for "did you mean". */
    names: (scope: ScopeFilter, limit: number) =>
      model
        .find(scope, { name: 1, ownerId: 1 })
        .sort({ lastActivityAt: -1 })
        .limit(limit)
        .lean<Pick<CustomerDoc, '_id' | 'name' | 'ownerId'>[]>(),

    async insert(customer: CustomerDoc, options?: InSession): Promise<void> {
      await model.insertMany([customer], withSession(options))
    },

    async touch(id: string, at: Date, options?: InSession): Promise<void> {
      await model.updateOne({ _id: id }, { $max: { lastActivityAt: at } }, withSession(options))
    },

    async setStage(id: string, stage: CustomerDoc['stage'], from: readonly CustomerDoc['stage'][]): Promise<void> {
      await model.updateOne({ _id: id, stage: { $in: [...from] } }, { $set: { stage } })
    },
  }
}

export type Customers = ReturnType<typeof createCustomers>
