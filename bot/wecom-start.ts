import { asAppError } from '../common/errors.ts'
import { routes } from '../handlers/kernel/links.ts'
import type { Services } from '../handlers/kernel/services.ts'
import type { MenuButton, WeComConnection } from './channels/index.ts'

/** How long a dead process keeps the bot's one connection from the others. */
const BOT_LEASE_MS = 30_000
const LOOK_AGAIN_MS = 10_000

/** The app's menu: what one does every day at the top, the rest below 更多. */
export const wecomMenu = ({ links }: Services): MenuButton[] => [
  { name: '待办', says: '待办' },
  { name: '我的审批', says: '我的审批' },
  {
    name: '更多',
    below: [
      { name: '新建线索', opens: links.h5(routes.newLead()) },
      { name: '提交合同', opens: links.h5(routes.newContract()) },
      { name: '打开客联', opens: links.h5(routes.todos) },
      { name: '帮助', says: '帮助' },
    ],
  },
]

/** What the app does at the platform when the service starts. A platform that is away or refuses does not stop the start. */
export async function startWeCom(services: Services, wecom: WeComConnection): Promise<void> {
  try {
    if (await wecom.ensureMenu(wecomMenu(services))) services.log.info({ code: 'wecom.menu_written' }, 'the app menu was written')
  } catch (error) {
    services.log.warn({ code: asAppError(error).code, what: 'menu' }, 'the app menu could not be set')
  }
}

/** Keep the bot's long connection, in one process for all. Resolves when the signal says stop. */
export async function keepBot(services: Services, wecom: WeComConnection, processId: string, signal: AbortSignal): Promise<void> {
  const { bot } = wecom
  if (bot?.status() === 'webhook' || !bot) return
  while (!signal.aborted) {
    const mine = new AbortController()
    const stop = AbortSignal.any([signal, mine.signal])
    await services.models.runners
      .alone('wecom-bot', processId, BOT_LEASE_MS, async stillMine => {
        const looking = setInterval(() => {
          stillMine().then(
            held => held || mine.abort(),
            () => mine.abort(),
          )
        }, LOOK_AGAIN_MS)
        await bot.run(stop).finally(() => clearInterval(looking))
      })
      .catch(error => services.log.warn({ code: asAppError(error).code, what: 'bot' }, 'the bot connection stopped'))
    await pause(LOOK_AGAIN_MS, signal)
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
