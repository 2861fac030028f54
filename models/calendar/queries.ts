import type { Connection } from 'mongoose'
import type { DayOverride } from '../../engine/calendar/index.ts'
import { type InSession, modelOn, withSession } from '../kernel/mongo.ts'
import { type CalendarDoc, calendarSchema, type OfficialYearDoc, officialYearSchema } from './schema.ts'

/** The company's own calendar: for everybody whose departments have none. */
export const DEFAULT_CALENDAR = 'default'

export function createCalendars(connection: Connection) {
  const model = modelOn<CalendarDoc>(connection, 'Calendar', calendarSchema, 'calendars')
  const officialYears = modelOn<OfficialYearDoc>(connection, 'OfficialYear', officialYearSchema, 'official_years')

  return {
    model,
    officialYears,

    all: (options?: InSession) => model.find({}, null, withSession(options)).sort({ createdAt: 1, _id: 1 }).lean<CalendarDoc[]>(),
    byId: (id: string, options?: InSession) => model.findById(id, null, withSession(options)).lean<CalendarDoc>(),
    allOfficialYears: (options?: InSession) => officialYears.find({}, null, withSession(options)).lean<OfficialYearDoc[]>(),

    /** Null: there is no such calendar any more. */
    async revision(id: string): Promise<number | null> {
      return (await model.findById(id, { revision: 1 }).lean<CalendarDoc>())?.revision ?? null
    },

    /** The first one stands. */
    async ensure(calendar: CalendarDoc, options?: InSession): Promise<void> {
      const { _id, ...rest } = calendar
      await model.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true, ...withSession(options) })
    },

    /** Change some of its facts; its revision grows with them. @param timeZone null: the business time zone from now on */
    async change(
      id: string,
      set: Partial<Pick<CalendarDoc, 'name' | 'week' | 'followsOfficial' | 'departmentIds'>>,
      timeZone: string | null | undefined,
      options?: InSession,
    ): Promise<CalendarDoc | null> {
      return model
        .findOneAndUpdate(
          { _id: id },
          {
            $set: { ...set, ...(timeZone && { timeZone }) },
            ...(timeZone === null && { $unset: { timeZone: 1 } }),
            $inc: { revision: 1 },
          },
          { returnDocument: 'after', ...withSession(options) },
        )
        .lean<CalendarDoc>()
    },

    async setDay(id: string, day: DayOverride, options?: InSession): Promise<CalendarDoc | null> {
      return model
        .findOneAndUpdate(
          { _id: id },
          { $set: { [`days.${day.date}`]: day }, $inc: { revision: 1 } },
          { returnDocument: 'after', ...withSession(options) },
        )
        .lean<CalendarDoc>()
    },

    /** Null when there was no own day on that date. */
    async removeDay(id: string, date: string, options?: InSession): Promise<CalendarDoc | null> {
      return model
        .findOneAndUpdate(
          { _id: id, [`days.${date}`]: { $exists: true } },
          { $unset: { [`days.${date}`]: 1 }, $inc: { revision: 1 } },
          { returnDocument: 'after', ...withSession(options) },
        )
        .lean<CalendarDoc>()
    },

    /** Who has which calendar changed: every open deadline is looked at again. */
    async touchAll(options?: InSession): Promise<void> {
      await model.updateMany({}, { $inc: { revision: 1 } }, withSession(options))
    },

    async remove(id: string, options?: InSession): Promise<boolean> {
      const { deletedCount } = await model.deleteOne({ _id: id }, withSession(options))
      return deletedCount === 1
    },

    /** An official year is known, or known better, for every calendar that follows them. */
    async saveOfficialYear(year: OfficialYearDoc, options?: InSession): Promise<void> {
      await officialYears.updateOne(
        { _id: year._id },
        { $set: { days: year.days, source: year.source } },
        { upsert: true, ...withSession(options) },
      )
      await model.updateMany({ followsOfficial: true }, { $inc: { revision: 1 } }, withSession(options))
    },
  }
}

export type Calendars = ReturnType<typeof createCalendars>
