import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded } from '../../restoring/owner.ts'
import { type Running, runningRows } from '../../restoring/presence.ts'
import type { OpenDatabase } from '../database.ts'
import { say, UsageError } from '../run.ts'

/** Longer than a service may take to stop. */
const LEAVE_LIMIT_MS = 40_000
const LOOK_MS = 250
/** What a service sent last, or one that was killed, has arrived by then. */
const SETTLE_MS = 2_000

/**
 * Ask every running service to leave, and wait until none is left.
 *
 * @param stopped the person says that those which do not answer have ended
 * @throws UsageError when one does not leave
 */
export async function untilQuiet({ db, isEmbedded }: OpenDatabase, stopped: boolean, limitMs = LEAVE_LIMIT_MS): Promise<void> {
  const rows = runningRows(db)
  const endMs = Date.now() + limitMs
  let left = await rows.find().toArray()
  if (left.length === 0) return
  for (let isTold = false; left.length > 0; left = await rows.find().toArray()) {
    // Again each time: one may have come just before it could see the restore.
    await rows.updateMany({}, { $set: { leave: true } })
    const silent = left.filter(row => !hasEnded(row, isEmbedded))
    const isLate = Date.now() > endMs
    if (silent.length > 0 && isLate && !stopped) throw refusal(silent)
    const drop = isLate ? left : left.filter(row => !silent.includes(row))
    await rows.deleteMany({ _id: { $in: drop.map(row => row._id) } })
    if (silent.length > 0 && !isTold) say(`正在等 ${silent.length} 个服务进程暂停。`)
    isTold ||= silent.length > 0
    await sleep(LOOK_MS)
  }
  await sleep(SETTLE_MS)
}

const refusal = (silent: readonly Running[]): UsageError => {
  const names = silent.slice(0, 3).map(({ host, pid }) => `${host} 的进程 ${pid}`)
  return new UsageError(
    `服务还在运行,没有暂停(${names.join('、')}${silent.length > 3 ? ` 等 ${silent.length} 个` : ''})。没有恢复,数据没有改动。请先停止服务,再恢复;确定它们已经不在了,请加 --stopped。`,
  )
}
