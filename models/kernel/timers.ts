import { type Connection, Schema } from 'mongoose'
import { createGroupRead } from './group-read.ts'
import { createGroupEnsure, createGroupWrite } from './group-write.ts'
import { createLeases, type Lease, type Leased, leaseFields, unleased } from './lease.ts'
import { type InSession, modelOn, plainSchema, withSession } from './mongo.ts'

/** Something that is to happen after so much working time, whatever restarts and calendar changes come in between. */
export interface TimerDoc extends Leased {
  /** Follows from what set it: setting it again is setting it once. */
  _id: string
  /** Who is told when it fires; see `TimerKind`. */
  kind: string
  /** What it is about: `case:<id>`. */
  subject: string
  params: Record<string, string>
  anchorAt: Date
  /** Working time after the anchor; 0 fires at the anchor itself. */
  workingSeconds: number
  /** Whose working time it is; nobody: the company's. */
  personIds: string[]
  calendarId: string
  /** The calendar's revision under which `fireAt` was computed. */
  calendarRevision: number
  /** Business time. */
  fireAt: Date
  /** Computed with a year whose official holidays were not published yet. */
  provisional: boolean
  /** What fired or was cancelled stays so. */
  state: 'waiting' | 'fired' | 'cancelled' | 'dead'
  /** How often it was tried and failed. */
  attempts: number
  endedAt?: Date
  error?: { code: string; message: string }
}

export type NewTimer = Omit<TimerDoc, keyof Leased | 'state' | 'attempts' | 'endedAt' | 'error'>

/** When a timer fires, and by which calendar. */
export type TimerDue = Pick<TimerDoc, 'calendarId' | 'calendarRevision' | 'fireAt' | 'provisional'>

/** Ended timers are kept this long: their ids hold off what set them. */
const KEEP_ENDED_SECONDS = 180 * 24 * 3600

const schema = new Schema<TimerDoc>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    subject: { type: String, required: true },
    params: { type: Schema.Types.Mixed, required: true },
    anchorAt: { type: Date, required: true },
    workingSeconds: { type: Number, required: true },
    personIds: { type: [String], required: true },
    calendarId: { type: String, required: true },
    calendarRevision: { type: Number, required: true },
    fireAt: { type: Date, required: true },
    provisional: { type: Boolean, required: true },
    state: { type: String, required: true },
    attempts: { type: Number, required: true },
    ...leaseFields,
    endedAt: Date,
    error: { code: String, message: String },
  },
  plainSchema,
)
// Partial: however many have ended, finding what is due costs the same.
const waiting = { partialFilterExpression: { state: 'waiting' } }
schema.index({ fireAt: 1 }, waiting)
schema.index({ calendarId: 1, calendarRevision: 1 }, waiting)
schema.index({ subject: 1, state: 1 })
schema.index({ endedAt: 1 }, { expireAfterSeconds: KEEP_ENDED_SECONDS })

export function createTimers(connection: Connection) {
  const model = modelOn<TimerDoc>(connection, 'Timer', schema, 'timers')
  const leases = createLeases(model)
  const ensure = createGroupEnsure(model)
  const { write } = createGroupWrite(model)
  const readWaiting = createGroupRead<Pick<TimerDoc, '_id' | 'subject'>>(
    subjects =>
      model
        .find({ subject: { $in: subjects }, state: 'waiting' }, { subject: 1 })
        .lean<Pick<TimerDoc, '_id' | 'subject'>[]>()
        .exec(),
    row => row.subject,
  )

  return {
    model,

    /** A timer that exists, or that was cancelled before it was set, stays as it is. */
    async set(timers: readonly NewTimer[], options?: InSession): Promise<void> {
      if (timers.length === 0) return
      const documents = timers.map(timer => ({ ...timer, state: 'waiting' as const, attempts: 0, ...unleased() }))
      if (!options?.session) return ensure(documents)
      const upserts = documents.map(({ _id, ...timer }) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: timer }, upsert: true },
      }))
      await model.bulkWrite(upserts, { ordered: false, ...withSession(options) })
    },

    /** The ids of those of a subject that have not fired. */
    waiting: async (subject: string): Promise<string[]> => (await readWaiting(subject)).map(({ _id }) => _id),

    /** Cancel timers that are known to be there. What fired stays fired; who is just firing one loses its fence. */
    async stop(ids: readonly string[], at: Date): Promise<void> {
      if (ids.length === 0) return
      const update = { $set: { state: 'cancelled', endedAt: at, leaseBy: null }, $inc: { fence: 1 } }
      await write({ updateMany: { filter: { _id: { $in: [...ids] }, state: 'waiting' }, update } })
    },

    /**
     * Also before it was set: what a crash delayed may come after what it should come before. What fired stays fired; who is just firing
     * it loses its fence.
     */
    async cancel(ids: readonly string[], at: Date, options?: InSession): Promise<void> {
      if (ids.length === 0) return
      const never = {
        kind: 'none',
        subject: 'none',
        params: {},
        anchorAt: at,
        workingSeconds: 0,
        personIds: [],
        calendarId: 'none',
        calendarRevision: 0,
        fireAt: at,
        provisional: false,
        state: 'cancelled' as const,
        attempts: 0,
        endedAt: at,
        ...unleased(),
      }
      await model.bulkWrite(
        ids.map(_id => ({ updateOne: { filter: { _id }, update: { $setOnInsert: never }, upsert: true } })),
        { ordered: false, ...withSession(options) },
      )
      await model.updateMany(
        { _id: { $in: [...ids] }, state: 'waiting' },
        { $set: { state: 'cancelled', endedAt: at, leaseBy: null }, $inc: { fence: 1 } },
        withSession(options),
      )
    },

    /** The earliest timer that is due by the business clock and that nobody holds. */
    claim: (by: string, now: Date, leaseMs: number): Promise<TimerDoc | null> =>
      leases.claim({
        filter: { state: 'waiting', fireAt: { $lte: now } },
        by,
        leaseMs,
        sort: { fireAt: 1 },
      }),

    /** While it is being fired. */
    renew: (lease: Lease, leaseMs: number): Promise<boolean> => leases.renew(lease, leaseMs),

    /** False when the claim was lost meanwhile. */
    fired: (lease: Lease, at: Date): Promise<boolean> => leases.finish(lease, { state: 'fired', endedAt: at }, ['error']),

    /** It was claimed under an old calendar and is not due under the new one. */
    postpone: (lease: Lease, due: TimerDue): Promise<boolean> => leases.finish(lease, { ...due, attempts: 0 }),

    /** Tried again after `retryMs`, or put aside as dead when that is null. */
    async fail(lease: Lease, failure: Pick<TimerDoc, 'error' | 'attempts'>, retryMs: number | null, at: Date): Promise<void> {
      if (retryMs === null) await leases.finish(lease, { ...failure, state: 'dead', endedAt: at })
      else if (await leases.renew(lease, retryMs)) await leases.write(lease, failure)
    },

    /** Waiting timers that were computed under another revision of their calendar, or in one that is gone. */
    stale: (calendars: readonly { id: string; revision: number }[], limit: number): Promise<TimerDoc[]> =>
      model
        .find({
          state: 'waiting',
          $or: [
            ...calendars.map(({ id, revision }) => ({ calendarId: id, calendarRevision: { $ne: revision } })),
            { calendarId: { $nin: calendars.map(({ id }) => id) } },
          ],
        })
        .limit(limit)
        .lean<TimerDoc[]>(),

    /** New moments for timers that wait as they were read; what fired or changed meanwhile stays. */
    async redate(changes: readonly { timer: TimerDoc; due: TimerDue }[]): Promise<void> {
      if (changes.length === 0) return
      await model.bulkWrite(
        changes.map(({ timer, due }) => ({
          updateOne: {
            filter: {
              _id: timer._id,
              state: 'waiting',
              calendarId: timer.calendarId,
              calendarRevision: timer.calendarRevision,
            },
            update: { $set: due },
          },
        })),
        { ordered: false },
      )
    },

    /** It can no longer be counted. */
    async giveUp(timer: TimerDoc, error: { code: string; message: string }, at: Date): Promise<void> {
      await model.updateOne({ _id: timer._id, state: 'waiting' }, { $set: { state: 'dead', endedAt: at, error } })
    },

    ofSubject: (subject: string) => model.find({ subject }).sort({ fireAt: 1 }).lean<TimerDoc[]>(),
    countWaiting: () => model.countDocuments({ state: 'waiting' }),
    countProvisional: (calendarId: string) => model.countDocuments({ state: 'waiting', calendarId, provisional: true }),
    troubled: (limit: number) => model.find({ state: 'dead' }).sort({ fireAt: -1 }).limit(limit).lean<TimerDoc[]>(),

    async replay(id: string): Promise<boolean> {
      const { matchedCount } = await model.updateOne(
        { _id: id, state: 'dead' },
        { $set: { state: 'waiting', attempts: 0 }, $unset: { error: 1, endedAt: 1 } },
      )
      return matchedCount === 1
    },
  }
}

export type Timers = ReturnType<typeof createTimers>
