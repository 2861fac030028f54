import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { UsageError } from '../run.ts'
import { collectionLine, FORMAT, footer, header, type IndexSpec, Tally, type Totals } from './format.ts'

export interface ArchiveVisitor {
  collection?(name: string, indexes: IndexSpec[]): Promise<void>
  document?(line: string): Promise<void>
}

const damaged = (file: string, why: string): UsageError =>
  new UsageError(`备份文件 ${file} 不完整或已损坏(${why})。请换一份备份再试。`)

/** The lines of a gzip'd file. @throws UsageError when it is not there, cut short or damaged */
async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file)
  const gunzip = createGunzip()
  source.on('error', error => gunzip.destroy(error))
  try {
    let rest = ''
    for await (const chunk of source.pipe(gunzip).setEncoding('utf8')) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
    if (rest) yield rest
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError(`没有找到备份文件 ${file},请检查路径。`)
    throw damaged(file, code ?? message)
  } finally {
    source.destroy()
  }
}

/**
 * Read a backup from beginning to end, hand out what is in it, and check every count and digest.
 * @throws UsageError when it is no backup, of a newer format, cut short or changed
 */
export async function readArchive(file: string, visitor: ArchiveVisitor = {}): Promise<Totals> {
  const found: Totals = {}
  let current: { name: string; tally: Tally } | null = null
  let declared: Totals | null = null
  let place = 0
  for await (const line of linesOf(file)) {
    place += 1
    if (place === 1) readHeader(file, line)
    else if (declared) throw damaged(file, '结尾之后还有内容')
    else if (line.startsWith('{"d":') && current) {
      current.tally.add(line)
      await visitor.document?.(line)
    } else {
      if (current) found[current.name] = current.tally.total()
      const row = parse(file, line)
      const next = collectionLine.safeParse(row)
      const end = footer.safeParse(row)
      if (next.success) {
        current = { name: next.data.collection, tally: new Tally() }
        await visitor.collection?.(next.data.collection, next.data.indexes)
      } else if (end.success) declared = end.data.end
      else throw damaged(file, `第 ${place} 行读不懂`)
    }
  }
  if (!declared) throw damaged(file, '缺少结尾')
  if (!sameTotals(declared, found)) throw damaged(file, '校验和不符')
  return declared
}

function sameTotals(declared: Totals, found: Totals): boolean {
  const names = new Set([...Object.keys(declared), ...Object.keys(found)])
  return [...names].every(
    name => declared[name]?.sha256 === found[name]?.sha256 && declared[name]?.documents === found[name]?.documents,
  )
}

function parse(file: string, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw damaged(file, '有一行不是 JSON')
  }
}

function readHeader(file: string, line: string): void {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    row = null
  }
  const parsed = header.safeParse(row)
  if (!parsed.success) throw new UsageError(`${file} 不是客联的备份文件。`)
  if (parsed.data.format > FORMAT) throw new UsageError(`${file} 由更新版本的客联写成,请先升级再恢复。`)
}
