import type { mongo } from 'mongoose'
import type { OpenDatabase } from '../database.ts'
import { UsageError } from '../run.ts'
import { copyCollection, type Source, sourcesIn } from './copy.ts'
import { type Digest, digestOf, sameDigest } from './digest.ts'
import { type Ledger, noteEnd, PROGRESS, readLedger } from './progress.ts'

/** What became of one collection. */
export interface Moved extends Digest {
  name: string
  indexes: number
}

/** How far a move has come, for the person who waits for it. */
export type Teller = (name: string, place: number, of: number) => void

async function checkTarget(target: mongo.Db, ledger: Ledger, sources: readonly Source[]): Promise<void> {
  const hello = await target.admin().command({ hello: 1 })
  if (!hello.setName && hello.msg !== 'isdbgrid') {
    throw new UsageError('目标 MongoDB 不是副本集,不支持事务。请改用副本集或分片集群(单机也可以用一个节点的副本集)。')
  }
  if (ledger.finishedAt) {
    throw new UsageError(
      `数据库 ${target.databaseName} 已在 ${ledger.finishedAt.toISOString()} 接收过一次完整的搬迁,没有再写。要重新搬,请换一个空的数据库。`,
    )
  }
  const others = [...ledger.rows.values()].filter(row => !sources.some(({ name, uuid }) => name === row._id && uuid === row.uuid))
  if (others.length > 0) {
    throw new UsageError(`数据库 ${target.databaseName} 里有另一套系统没有搬完的数据,没有再写。请换一个空的数据库。`)
  }
  for (const { name } of await sourcesIn(target)) {
    if (name === PROGRESS || ledger.rows.has(name)) continue
    if (await target.collection(name).findOne({}, { projection: { _id: 1 } })) {
      throw new UsageError(`数据库 ${target.databaseName} 里已有别的数据(${name} 等),没有搬。请换一个空的数据库。`)
    }
    await target.dropCollection(name)
  }
}

async function compare(source: mongo.Db, target: mongo.Db, { name }: Source): Promise<Moved> {
  const [from, to] = [source.collection(name), target.collection(name)]
  const [before, after] = [await digestOf(from), await digestOf(to)]
  if (!sameDigest(before, after)) {
    throw new UsageError(
      `集合 ${name} 两边不一致(原来 ${before.documents} 条,目标 ${after.documents} 条):搬迁期间可能有写入。请停止服务,清空目标数据库后重新搬。原来的数据没有改动。`,
    )
  }
  const [wanted, made] = [await from.indexes(), await to.indexes()]
  if (wanted.some(({ name: index }) => !made.some(other => other.name === index))) {
    throw new UsageError(`集合 ${name} 的索引不全,请重新运行搬迁。`)
  }
  return { name, indexes: made.length, ...after }
}

/**
 * Bring everything in the source into the target: collections, indexes, files. How far it came is kept in the target, so that a run after a kill
 * goes on from there; at the end counts and checksums of both sides are compared. The source is only read.
 *
 * @throws UsageError when the target is not empty, or the two sides differ at the end
 */
export async function moveEverything(
  source: OpenDatabase,
  target: OpenDatabase,
  now: () => Date,
  tell: Teller,
): Promise<Moved[]> {
  const sources = await sourcesIn(source.db)
  const ledger = await readLedger(target.db)
  await checkTarget(target.db, ledger, sources)
  for (const [place, each] of sources.entries()) {
    tell(each.name, place + 1, sources.length)
    await copyCollection(source.db, target.db, each, ledger.rows.get(each.name))
  }
  const moved: Moved[] = []
  for (const each of sources) moved.push(await compare(source.db, target.db, each))
  if ((await sourcesIn(source.db)).length !== sources.length) {
    throw new UsageError('搬迁期间有新的集合出现。请停止服务后再运行一次,已经搬好的不用重来。')
  }
  await noteEnd(target.db, now())
  return moved
}
