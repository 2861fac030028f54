import { Schema } from 'mongoose'
import type { DayOverride, WorkWeek } from '../../engine/calendar/index.ts'
import { plainSchema } from '../kernel/mongo.ts'

/** 工作日历: the hours of the company, or of some of its departments. */
export interface CalendarDoc {
  _id: string
  name: string
  /** Grows with every change, also of official years; deadlines counted under an older one are counted anew. */
  revision: number
  /** IANA name; absent: the business time zone. */
  timeZone?: string
  week: WorkWeek
  /** The admin's own days, by date. */
  days: Record<string, DayOverride>
  /** Do official holidays and 补班 days hold for it? */
  followsOfficial: boolean
  /** Departments that it is for, with all below them that have none of their own. */
  departmentIds: string[]
  createdAt: Date
}

export const calendarSchema = new Schema<CalendarDoc>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    revision: { type: Number, required: true },
    timeZone: String,
    week: { type: Schema.Types.Mixed, required: true },
    days: { type: Schema.Types.Mixed, required: true },
    followsOfficial: { type: Boolean, required: true },
    departmentIds: { type: [String], required: true },
    createdAt: { type: Date, required: true },
  },
  plainSchema,
)

/** The official holidays and 补班 days of one year. */
export interface OfficialYearDoc {
  /** `2026` */
  _id: string
  days: DayOverride[]
  /** From the package that the service brings along, or put in by an admin, which the package then leaves alone. */
  source: 'package' | 'admin'
}

export const officialYearSchema = new Schema<OfficialYearDoc>(
  {
    _id: { type: String, required: true },
    days: { type: [Schema.Types.Mixed], required: true } as never,
    source: { type: String, required: true },
  },
  plainSchema,
)
