import 'dotenv/config'
import type { AddressInfo } from 'node:net'
import { ConfigError, parseConfig } from './config.ts'
import { createLog } from './log.ts'
import type { Summons } from './restoring/presence.ts'
import { loadAppSecret } from './secret.ts'
import { type Service, startService } from './service.ts'

const STOP_LIMIT_MS = 15_000

const say = (text: string): boolean => process.stdout.write(`${text}\n`)

/** Wire the parts and run until told to stop. */
async function main(): Promise<void> {
  const settings = parseConfig(process.env)
  // In a trial the terminal is read by a person.
  const log = createLog(settings.demo ? 'warn' : 'info')
  if (settings.modelHint) log.warn({ code: 'model.half_configured' }, settings.modelHint)

  const store = settings.mongodbUri
    ? null
    : await (await import('../store/index.ts')).openEmbeddedStore({
        dataDir: settings.dataDir,
        log: line => log.warn({ code: 'store.note' }, line),
      })
  // After the store: it makes the data folder, or says what is wrong with it.
  const appSecret = loadAppSecret(settings.appSecret, settings.dataDir)
  const mongoUri = settings.mongodbUri ?? store?.uri ?? ''
  const demo = settings.demo ? await (await import('./demo/index.ts')).startDemoPlatforms(settings) : null

  const late: { play?: ReturnType<NonNullable<typeof demo>['play']> } = {}
  const start = (port: number): Promise<Service> =>
    startService({
      config: { ...(demo?.config ?? settings), port },
      appSecret,
      mongoUri,
      log,
      extra: demo ? [(ctx, next) => (late.play ? late.play(ctx, next) : next())] : [],
      onSummons: summons => void pauseForRestore(summons).catch(explainAndExit),
    })
  let stopping = false

  /** Nothing that was in memory before a restore is there after it: everything is built anew. */
  async function pauseForRestore(summons: Summons): Promise<void> {
    if (summons === 'gone') {
      log.error({ code: 'restore.gone' }, '数据已被恢复成备份,当时认为这个进程已经停止。它现在退出,请重新启动。')
      process.exit(1)
    }
    if (stopping) return
    log.warn({ code: 'restore.pause' }, '要恢复备份,服务暂停,完成后自动继续。')
    // It may be asked before its start is over.
    const before = await running
    const { port } = before.server.address() as AddressInfo
    const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS)
    await before.stop()
    clearTimeout(limit)
    if (stopping) return
    running = start(port)
    service = await running
    log.warn({ code: 'restore.over' }, '备份恢复已结束,服务继续。')
  }

  let running = start((demo?.config ?? settings).port)
  let service = await running
  const publicUrl = service.services.links.base
  say(`客联 Kelian 已启动:${publicUrl}`)
  if (!demo && !settings.wecom && !settings.dingtalk) say('还没有接入企业微信或钉钉,设置方法见 README.md。')
  if (service.setupLink) say(`还没有管理员。用这个一次性链接设置:${service.setupLink}`)
  if (demo) {
    late.play = demo.play(publicUrl)
    demo.wecom.setCallbackUrl(`${service.url}/callbacks/wecom`)
    await service.ready
    const { seedSampleData } = await import('./demo/seed.ts')
    await seedSampleData(service.services)
    say(`试用聊天窗口:${publicUrl}/play/`)
  }

  const stop = async (signal: string): Promise<void> => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    await service.stop()
    await demo?.close()
    await store?.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void stop('SIGINT'))
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('unhandledRejection', reason =>
    log.error(
      { code: 'process.unhandled', err: reason instanceof Error ? reason.stack : String(reason) },
      'a promise was forgotten',
    ),
  )
}

main().catch(explainAndExit)

function explainAndExit(error: unknown): void {
  const isExplained = error instanceof ConfigError || (error instanceof Error && error.name === 'EmbeddedStoreError')
  if (isExplained) process.stderr.write(`无法启动:${error.message}\n`)
  // MongoDB's code OutOfDiskSpace.
  else if ((error as { code?: unknown } | null)?.code === 14031)
    process.stderr.write('无法启动:数据库所在的磁盘快满了。请先腾出空间,再启动。\n')
  else if (error instanceof Error && error.name.endsWith('ServerSelectionError'))
    process.stderr.write(`无法启动:连不上数据库,请检查 MONGODB_URI 和网络。(${error.message})\n`)
  else process.stderr.write(`无法启动:${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
