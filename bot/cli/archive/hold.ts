import { setTimeout as sleep } from 'node:timers/promises'
import type { mongo } from 'mongoose'
import { randomId } from '../../../common/ids.ts'
import { RESTORING } from '../../restoring/names.ts'
import { type Phase, restoreRows } from '../../restoring/state.ts'
import { say, UsageError } from '../run.ts'

/** How long a killed restore keeps the next one waiting. */
const LEASE_MS = 15_000
const LOOK_MS = 500

/** One restore's hold on the database. */
export interface Hold {
  /** Was an earlier one killed among its renames? Then there is no whole data to lose. */
  wasBroken: boolean
  /** Go on to this phase, or stay in it. @throws UsageError when it took too long and the hold is lost */
  reach(phase: Phase): Promise<void>
  /** The data is whole again. */
  finish(): Promise<void>
  /** It failed: the next one may begin at once. What is half swapped stays marked. */
  giveUp(): Promise<void>
}

/** One that was killed a moment ago is waited for. @throws UsageError when another restore is under way */
export async function holdDatabase(db: mongo.Db): Promise<Hold> {
  const rows = restoreRows(db)
  const by = randomId()
  const _id = 'restore' as const
  const until = { $add: ['$$NOW', LEASE_MS] }
  await rows.updateOne({ _id }, { $setOnInsert: { by, phase: 'staging', until: new Date(0) } }, { upsert: true })
  const claim = () =>
    rows.findOneAndUpdate({ _id, $expr: { $lte: ['$until', '$$NOW'] } }, [
      { $set: { by, until, phase: { $cond: [{ $eq: ['$phase', 'swapping'] }, 'swapping', 'staging'] } } },
    ])
  let row = await claim()
  if (!row) say('另一个恢复正在进行,或刚刚中断,请稍等。')
  for (const endMs = Date.now() + 2 * LEASE_MS; !row; row = await claim()) {
    if (Date.now() > endMs) throw new UsageError('另一个恢复正在进行。没有恢复。请等它完成再看是否还需要。')
    await sleep(LOOK_MS)
  }
  const wasBroken = row.phase === 'swapping'
  let current: Phase = wasBroken ? 'swapping' : 'staging'

  async function keep(): Promise<boolean> {
    const mine = { _id, by, $expr: { $gt: ['$until', '$$NOW'] } }
    return (await rows.updateOne(mine, [{ $set: { until, phase: current } }])).matchedCount === 1
  }
  const keeping = setInterval(() => void keep().catch(() => false), LEASE_MS / 5)

  return {
    wasBroken,
    async reach(phase) {
      if (current !== 'swapping') current = phase
      if (!(await keep())) throw new UsageError('恢复中断得太久,没有做完。请再运行一次 npm run restore -- 备份文件。')
    },
    async finish() {
      clearInterval(keeping)
      await db.dropCollection(RESTORING)
    },
    async giveUp() {
      clearInterval(keeping)
      if (current === 'swapping') await rows.updateOne({ _id, by }, { $set: { until: new Date(0) } })
      else if ((await rows.deleteOne({ _id, by })).deletedCount === 1) await db.dropCollection(RESTORING)
    },
  }
}
