import type { mongo } from 'mongoose'
import { ConfigError } from '../config.ts'
import { RESTORING } from './names.ts'

/**
 * How far a restore is: `staging` beside the data, which stays in use; `asking` the services to leave; `swapping` the collections, of which some
 * are the old ones and some the new.
 */
export type Phase = 'staging' | 'asking' | 'swapping'

/** The one row of a restore; it is somebody's until `until`, in the database's time. */
export interface RestoreRow {
  _id: 'restore'
  by: string
  phase: Phase
  until: Date
}

export const restoreRows = (db: mongo.Db): mongo.Collection<RestoreRow> =>
  db.collection<RestoreRow>(RESTORING, { readPreference: 'primary' })

/** `none`: the data may be used. `broken`: a restore was killed among its renames. */
export async function restoreState(db: mongo.Db): Promise<'none' | 'working' | 'broken'> {
  const [row] = await restoreRows(db)
    .aggregate<{ phase: Phase; isHeld: boolean }>([{ $project: { phase: 1, isHeld: { $gt: ['$until', '$$NOW'] } } }])
    .toArray()
  if (!row || row.phase === 'staging') return 'none'
  if (row.isHeld) return 'working'
  return row.phase === 'swapping' ? 'broken' : 'none'
}

export const brokenRestore = (): ConfigError =>
  new ConfigError('上次恢复没有做完,数据一半新、一半旧,不能使用。请再运行一次 npm run restore -- 备份文件。')

/** @throws ConfigError when the data is not whole */
export async function refuseWhileRestoring(db: mongo.Db): Promise<void> {
  const state = await restoreState(db)
  if (state === 'broken') throw brokenRestore()
  if (state === 'working') throw new ConfigError('正在恢复备份。请等它完成,再运行一次。')
}
