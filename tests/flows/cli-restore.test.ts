import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { untilQuiet } from '../../bot/cli/archive/quiet.ts'
import { restoreArchive } from '../../bot/cli/archive/restore.ts'
import { collectionNames } from '../../bot/cli/archive/write.ts'
import { type OpenDatabase, openDatabase } from '../../bot/cli/database.ts'
import { RESTORING, STAGING } from '../../bot/restoring/names.ts'
import { thisProcess } from '../../bot/restoring/owner.ts'
import { type Running, runningRows } from '../../bot/restoring/presence.ts'
import { openCases } from '../support/cases.ts'
import { cli, type Ended, startCli } from '../support/cli.ts'
import { draftOf, publish, stepOf } from '../support/processes.ts'
import { freePort } from '../support/product.ts'
import { openClientAt } from '../support/web-client.ts'
import { wecomEnv } from '../support/wecom-product.ts'
import { startWorld, WORLD_SECRET, type World } from '../support/world.ts'

const START_LIMIT_MS = 60_000
const scratch = mkdtempSync(join(tmpdir(), 'kelian-restored-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10 }))

async function within<Result>(dataDir: string, work: (database: OpenDatabase) => Promise<Result>): Promise<Result> {
  const database = await openDatabase({ mongodbUri: undefined, dataDir }, { toRestore: true })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Services as processes of their own, on the data and the platform of a world whose own service has stopped. */
describe('a restore while the services run', () => {
  const file = join(scratch, 'second-step.gz')
  const ports: number[] = []
  const urlOf = (port: number) => `http://localhost:${port}`
  let world: World
  let here: Record<string, string>
  let caseId: string
  let services: { child: ReturnType<typeof startCli>['child']; ended: Promise<Ended> }[] = []

  const start = (port: number) =>
    startCli('../main', [], { ...wecomEnv(world.wecom, world.dataDir), APP_SECRET: WORLD_SECRET, PORT: String(port) })

  async function untilReady(port: number): Promise<void> {
    let answer = ''
    for (const endMs = Date.now() + START_LIMIT_MS; Date.now() < endMs; await sleep(100)) {
      answer = await fetch(`${urlOf(port)}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
        response => response.text(),
        error => String(error),
      )
      if (answer.startsWith('{"ok":true')) return
    }
    throw new Error(`not ready: ${answer}`)
  }

  async function agree(port: number, userId: string): Promise<void> {
    const client = openClientAt(() => urlOf(port))
    await client.loginWeCom(userId)
    expect(await client.command('approvals.decide', { caseId, decision: 'approve' })).toMatchObject({ status: 200 })
  }

  const steps = () =>
    within(world.dataDir, async ({ db }) => {
      const rows = await db.collection('steps').find({ caseId }).sort({ revision: 1 }).toArray()
      return rows.map(({ revision, actorId }) => [revision, actorId])
    })

  /** Given that one of three has agreed, which is what the backup shows. */
  beforeAll(async () => {
    world = await startWorld({ env: { ADMIN_USERS: 'wecom:wangmin' } })
    here = { DATA_DIR: world.dataDir }
    const cases = openCases(world)
    const sign = await stepOf(cases, ['刘强', '李静', '赵敏'], { mode: { type: 'countersign' } })
    await publish(cases, draftOf('countersigned', [sign]))
    caseId = (await cases.submit('zhang3', 'countersigned', { title: '恢复' })).caseId
    await cases.act('liuqiang', 'decide', { caseId, decision: 'approve' })
    await world.service.stop()
    ports.push(await freePort(), await freePort())
    services = ports.map(start)
    await Promise.all(ports.map(untilReady))
    expect(await cli('backup', [file], here)).toMatchObject({ code: 0 })
  }, 100_000)
  afterAll(async () => {
    for (const { child } of services) child.kill('SIGTERM')
    await Promise.all(services.map(({ ended }) => ended))
    await world.close()
  }, 60_000)

  test('they begin anew: the next decision is made on the restored state, not on what was in memory', async () => {
    const [one = 0, two = 0] = ports
    await agree(one, 'lijing')
    const before = await steps()
    expect(before.map(([revision]) => revision)).toEqual([1, 2, 3])

    const { code, text } = await cli('restore', [file, '--force'], here)
    expect(text).toMatch(/正在等 2 个服务进程暂停[\s\S]*已恢复/)
    expect(code).toBe(0)
    expect(await steps()).toEqual(before.slice(0, 2))

    await Promise.all(ports.map(untilReady))
    await agree(one, 'zhaomin')
    const after = await steps()
    expect(after.map(([revision]) => revision)).toEqual([1, 2, 3])
    expect(after[2]?.[1]).not.toBe(before[2]?.[1])
    await agree(two, 'lijing')
    expect((await steps()).map(([revision]) => revision).slice(0, 4)).toEqual([1, 2, 3, 4])
  }, 240_000)
})

describe('services that do not leave', () => {
  const dataDir = join(scratch, 'silent')
  let database: OpenDatabase
  beforeAll(async () => {
    database = await openDatabase({ mongodbUri: undefined, dataDir })
  })
  afterAll(() => database.close())
  const enter = (changes: Partial<Running>) => runningRows(database.db).insertOne({ _id: 'one', ...thisProcess(), ...changes })
  const quiet = (stopped: boolean, isEmbedded = false) => untilQuiet({ ...database, isEmbedded }, stopped, 300)
  const left = () => runningRows(database.db).countDocuments()

  test.each([
    ['here', {}, false],
    ['on another machine', { host: 'other', machine: 'other' }, false],
    ['in another container', { space: 'pid:[1]' }, true],
  ])('one %s stops the restore; a person may say that it has ended', async (_, changes, isEmbedded) => {
    await enter(changes)
    await expect(quiet(false, isEmbedded)).rejects.toThrow(/没有恢复,数据没有改动。请先停止服务/)
    expect(await left()).toBe(1)
    await quiet(true, isEmbedded)
    expect(await left()).toBe(0)
  })

  test.each([
    ['whose process was killed', { started: 'before' }, false],
    ['of the embedded store before the machine was started anew', { machine: 'before' }, true],
  ])('one %s is not waited for', async (_, changes, isEmbedded) => {
    await enter(changes)
    await quiet(false, isEmbedded)
    expect(await left()).toBe(0)
  })
})

describe('a restore that is killed among its renames', () => {
  const dataDir = join(scratch, 'half')
  const here = { DATA_DIR: dataDir, DEMO: '0' }
  const file = join(scratch, 'new.gz')
  const names = Array.from({ length: 80 }, (_, n) => `c${String(n).padStart(2, '0')}`)
  const fill = (folder: string, age: string) =>
    within(folder, async ({ db }) => {
      for (const name of names) await db.collection(name).insertOne({ age })
    })
  const ages = () =>
    within(dataDir, async ({ db }) => {
      const rows = await Promise.all((await collectionNames(db)).map(name => db.collection(name).findOne()))
      return [...new Set(rows.map(found => found?.age))].sort()
    })

  beforeAll(async () => {
    await fill(join(scratch, 'new'), 'new')
    expect(await cli('backup', [file], { DATA_DIR: join(scratch, 'new') })).toMatchObject({ code: 0 })
    await fill(dataDir, 'old')
  }, 120_000)

  test('leaves a database on which nothing starts, until it is run again', async () => {
    const { child, ended } = startCli('restore', [file, '--force'], here)
    await within(dataDir, async ({ db }) => {
      const isHalf = async (): Promise<boolean> => {
        if (!(await db.collection(RESTORING).findOne({ phase: 'swapping' }))) return false
        const rows = await db.listCollections({}, { nameOnly: true }).toArray()
        return rows.filter(({ name }) => name.startsWith(STAGING)).length < names.length
      }
      while (!(await isHalf())) await turn()
      child.kill('SIGKILL')
      expect((await ended).code).toBe(null)
    })
    expect(await ages()).toEqual(['new', 'old'])
    expect(await cli('backup', [join(scratch, 'never.gz')], here)).toMatchObject({ code: 1 })

    const service = await startCli('../main', [], here).ended
    expect(service.text).toContain('无法启动:上次恢复没有做完')
    expect(service.code).toBe(1)
    for (const [name, args] of [
      ['backup', [join(scratch, 'never.gz')]],
      ['link', ['wecom:a', 'dingtalk:b']],
      ['move-to-mongodb', ['mongodb://127.0.0.1:1/x']],
    ] as const)
      expect(await cli(name, args, here)).toMatchObject({
        code: 1,
        text: expect.stringContaining('请再运行一次 npm run restore'),
      })

    expect((await cli('doctor', [], here)).text).toMatch(/内置存储.*里的数据不能使用[\s\S]*上次恢复没有做完.*npm run restore/)

    // There is no whole data to lose: --force is not asked for.
    expect(await cli('restore', [file], here)).toMatchObject({ code: 0, text: expect.stringContaining('已恢复 80 个集合') })
    expect(await ages()).toEqual(['new'])
    expect(await cli('backup', [join(scratch, 'whole.gz')], here)).toMatchObject({ code: 0 })
  }, 240_000)

  test('a rename that fails leaves it marked as well', async () => {
    await fill(dataDir, 'old')
    await within(dataDir, async database => {
      let renames = 0
      const db = new Proxy(database.db, {
        get(target, name) {
          const found = Reflect.get(target, name)
          if (name !== 'renameCollection') return found.bind?.(target) ?? found
          return (...args: Parameters<typeof target.renameCollection>) => {
            renames += 1
            if (renames > 3) throw new Error('cut off')
            return target.renameCollection(...args)
          }
        },
      })
      await expect(restoreArchive({ ...database, db }, file, { force: true })).rejects.toThrow('cut off')
    })
    await expect(openDatabase({ mongodbUri: undefined, dataDir })).rejects.toThrow('上次恢复没有做完')
    await within(dataDir, database => restoreArchive(database, file, { force: false }))
    expect(await ages()).toEqual(['new'])
  }, 120_000)
})
