import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser } from './browser.ts'
import { miniappAnswers } from './miniapp-answers.ts'
import { builtMiniapp } from './miniapp-build.ts'
import { type Answer, startMiniappServer } from './miniapp-server.ts'

/** A browser and the built mini-app over a fixture API, for one test file. */
export async function openStage() {
  const usual = miniappAnswers(Date.now())
  const server = await startMiniappServer(await builtMiniapp(), { ...usual })
  const browser: Browser = await startBrowser()

  return {
    origin: server.origin,
    calls: server.calls,
    /** The calls of one name, as `command approvals.decide`. */
    callsOf: (name: string) => server.calls.filter(call => call.name === name),
    answer: (changed: Record<string, Answer>) => Object.assign(server.answers, changed),
    /** What the fixtures answer to that name without input. */
    usual: async (name: string): Promise<unknown> => usual[name]?.({} as never, { name, input: {}, headers: {}, url: '' }),
    /** Back to the usual answers. */
    recover: () => Object.assign(server.answers, usual),
    /** Between tests: pages closed, the usual answers, no calls remembered. */
    async reset(): Promise<void> {
      await Promise.all(browser.contexts().map(context => context.close()))
      Object.assign(server.answers, usual)
      server.calls.length = 0
    },
    /** A page in a context of its own; without a path it stays blank. */
    async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 375, height: 812 }, locale: 'zh-CN', ...options })
      const page = await context.newPage()
      page.setDefaultTimeout(8_000)
      if (path) await page.goto(server.origin + path)
      return page
    },
    async close(): Promise<void> {
      await browser.close()
      await server.close()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>
