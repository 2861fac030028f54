import type { Connection } from 'mongoose'
import { escapeRegex, modelOn } from '../kernel/mongo.ts'
import { type Account, type DepartmentDoc, departmentSchema, type PersonDoc, personSchema } from './schema.ts'

const living = { mergedInto: { $exists: false } }
/** Left every platform. */
const allGone = { accounts: { $not: { $elemMatch: { active: true } } } }

export function createPeople(connection: Connection) {
  const model = modelOn<PersonDoc>(connection, 'Person', personSchema, 'people')
  const departments = modelOn<DepartmentDoc>(connection, 'Department', departmentSchema, 'departments')

  return {
    model,
    departments,

    /** The person, also under the id of a record that was folded into theirs. */
    async byId(id: string): Promise<PersonDoc | null> {
      const person = await model.findById(id).lean<PersonDoc>()
      return person?.mergedInto ? model.findById(person.mergedInto).lean<PersonDoc>() : person
    },
    byIds: (ids: readonly string[]) => model.find({ _id: { $in: [...ids] } }).lean<PersonDoc[]>(),
    byAccount: (key: string) => model.findOne({ 'accounts.key': key }).lean<PersonDoc>(),
    byMobile: (mobile: string) => model.findOne({ mobile, ...living }).lean<PersonDoc>(),
    byName: (name: string) =>
      model
        .find({ name, active: true, ...living })
        .limit(10)
        .lean<PersonDoc[]>(),
    everybody: () => model.find(living).lean<PersonDoc[]>(),
    /** Everybody, and the records that were folded into others. */
    withSignposts: () => model.find().lean<PersonDoc[]>(),
    allDepartments: () => departments.find().lean<DepartmentDoc[]>(),

    search(text: string, limit: number, after?: string): Promise<PersonDoc[]> {
      const match = text ? { name: new RegExp(escapeRegex(text), 'i') } : {}
      return model
        .find({ ...living, ...match, ...(after && { _id: { $gt: after } }) })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<PersonDoc[]>()
    },

    /** @throws duplicate key when one of the accounts belongs to somebody already */
    async insert(person: PersonDoc): Promise<void> {
      await model.insertMany([person])
    },

    async saveAccount(
      personId: string,
      account: Account,
      facts: { name: string; mobile?: string; active: boolean },
    ): Promise<void> {
      const set = {
        name: facts.name,
        ...(facts.active && { active: true }),
        ...(facts.mobile && { mobile: facts.mobile }),
      }
      const { matchedCount } = await model.updateOne(
        { _id: personId, 'accounts.key': account.key },
        { $set: { ...set, 'accounts.$': account } },
      )
      if (matchedCount === 0) await model.updateOne({ _id: personId }, { $set: set, $push: { accounts: account } })
      if (!facts.active) await model.updateOne({ _id: personId, ...allGone }, { $set: { active: false } })
    },

    /** Nobody was found with this mobile number on the other platform. */
    async sought(personId: string, at: Date): Promise<void> {
      await model.updateOne({ _id: personId }, { $set: { soughtAt: at } })
    },
    countSought: (since: Date) => model.countDocuments({ soughtAt: { $gte: since } }),
    count: () => model.countDocuments(living),
    /** Active accounts on one platform. */
    countAccounts: (platform: string) =>
      model.countDocuments({ ...living, accounts: { $elemMatch: { platform, active: true } } }),

    async assign(personId: string, change: Partial<PersonDoc['assigned']>): Promise<void> {
      const set = Object.fromEntries(Object.entries(change).map(([field, value]) => [`assigned.${field}`, value]))
      await model.updateOne({ _id: personId }, { $set: set })
    },

    async touchPlatform(personId: string, platform: string): Promise<void> {
      await model.updateOne({ _id: personId, lastPlatform: { $ne: platform } }, { $set: { lastPlatform: platform } })
    },

    /** Fold `otherId` into `personId`: the accounts move, the other becomes a signpost. */
    async merge(personId: string, otherId: string): Promise<void> {
      const other = await model.findById(otherId).lean<PersonDoc>()
      if (!other) return
      await model.updateMany(
        { $or: [{ _id: otherId }, { mergedInto: otherId }] },
        { $set: { mergedInto: personId, active: false, accounts: [] } },
      )
      await model.updateOne(
        { _id: personId },
        {
          $push: { accounts: { $each: other.accounts } },
          ...(other.assigned.roles.length > 0 && { $addToSet: { 'assigned.roles': { $each: other.assigned.roles } } }),
          ...(other.assigned.isAdmin && { $set: { 'assigned.isAdmin': true } }),
        },
      )
    },

    /** One account ended. */
    async deactivate(accountKey: string): Promise<void> {
      const person = await model.findOneAndUpdate({ 'accounts.key': accountKey }, { $set: { 'accounts.$.active': false } })
      if (person) await model.updateOne({ _id: person._id, ...allGone }, { $set: { active: false } })
    },

    async deactivateMissing(platform: string, corp: string, seenKeys: readonly string[]): Promise<void> {
      await model.updateMany(
        { accounts: { $elemMatch: { platform, corp, key: { $nin: [...seenKeys] } } } },
        { $set: { 'accounts.$[gone].active': false } },
        { arrayFilters: [{ 'gone.platform': platform, 'gone.corp': corp, 'gone.key': { $nin: [...seenKeys] } }] },
      )
      await model.updateMany(allGone, { $set: { active: false } })
    },

    async replaceDepartments(platform: string, corp: string, rows: readonly DepartmentDoc[]): Promise<void> {
      await departments.bulkWrite([
        ...rows.map(row => ({ replaceOne: { filter: { _id: row._id }, replacement: row, upsert: true } })),
        { deleteMany: { filter: { platform, corp, _id: { $nin: rows.map(row => row._id) } } } },
      ])
    },
  }
}

export type People = ReturnType<typeof createPeople>
