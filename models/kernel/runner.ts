import { type Connection, Schema } from 'mongoose'
import { createLeases, type Leased, leaseFields, leaseOf, unleased } from './lease.ts'
import { modelOn, plainSchema } from './mongo.ts'

interface RunnerDoc extends Leased {
  _id: string
  /** When it last ran to its end (the runner's clock; for people). */
  ranAt?: Date
}

const schema = new Schema<RunnerDoc>({ _id: { type: String, required: true }, ...leaseFields, ranAt: Date }, plainSchema)

/** Work that one process does for all: whoever gets the lease of its name runs it, the others leave it. */
export function createRunners(connection: Connection) {
  const model = modelOn<RunnerDoc>(connection, 'Runner', schema, 'runners')
  const leases = createLeases(model)

  /** The first one ever makes the row. */
  async function begin(name: string, by: string, leaseMs: number): Promise<RunnerDoc | null> {
    const { upsertedCount } = await model.updateOne({ _id: name }, { $setOnInsert: unleased() }, { upsert: true })
    return upsertedCount === 1 ? leases.claim({ filter: { _id: name }, by, leaseMs }) : null
  }

  return {
    model,

    /**
     * Run `work` if no other process does. The lease is renewed while the work goes on; `work` may ask `stillMine` before what must not be
     * done twice. False: somebody else has it, or it ran to its end after `unlessSince`.
     */
    async alone(
      name: string,
      by: string,
      leaseMs: number,
      work: (stillMine: () => Promise<boolean>) => Promise<void>,
      unlessSince?: Date,
    ): Promise<boolean> {
      const ready = unlessSince ? { $or: [{ ranAt: { $exists: false } }, { ranAt: { $lte: unlessSince } }] } : {}
      const row = (await leases.claim({ filter: { _id: name, ...ready }, by, leaseMs })) ?? (await begin(name, by, leaseMs))
      if (!row) return false
      const lease = leaseOf(row)
      const stillMine = () => leases.renew(lease, leaseMs)
      const renewing = setInterval(() => void stillMine().catch(() => false), leaseMs / 3)
      try {
        await work(stillMine)
        await leases.finish(lease, { ranAt: new Date() })
      } catch (error) {
        await leases.finish(lease, {}).catch(() => false)
        throw error
      } finally {
        clearInterval(renewing)
      }
      return true
    },
  }
}

export type Runners = ReturnType<typeof createRunners>
