import type { Connection } from 'mongoose'

export interface ClockReading {
  /** Our clock minus the database's, in milliseconds. */
  skewMs: number
  /** How long the database took to answer, in milliseconds. */
  latencyMs: number
}

/** What time the database has, and how far ours is from it. Leases are judged by the database alone; this is for estimates and alarms. */
export function createDatabaseClock(connection: Connection, systemNow: () => number = Date.now) {
  let last: ClockReading = { skewMs: 0, latencyMs: 0 }

  return {
    /** About the database's time, as of the last measurement; milliseconds. */
    now: (): number => systemNow() - last.skewMs,

    /** @throws when the database cannot be reached */
    async measure(): Promise<ClockReading> {
      const sentAt = systemNow()
      const answer = await connection.db?.admin().command({ hello: 1 })
      const latencyMs = systemNow() - sentAt
      const databaseNow = answer?.localTime instanceof Date ? answer.localTime.getTime() : sentAt
      // The database looked at its clock somewhere between question and answer.
      const skewMs = Math.round(sentAt + latencyMs / 2 - databaseNow)
      last = { skewMs, latencyMs }
      return last
    },
  }
}

export type DatabaseClock = ReturnType<typeof createDatabaseClock>
