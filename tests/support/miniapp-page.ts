import type { BrowserContextOptions, Page } from 'playwright-core'
import type { CustomerDetail } from '../../common/contract/customers.ts'
import { Refusal } from './miniapp-server.ts'
import type { Stage } from './miniapp-stage.ts'
import { spaces } from './miniapp-upkeep.ts'

/** On the phone of somebody who looks at that moment; without a path the page stays blank. */
export async function openAt(stage: Stage, at: Date, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await stage.open('', { viewport: { width: 390, height: 844 }, ...options })
  await page.clock.setFixedTime(at)
  if (path) await page.goto(stage.origin + path)
  return page
}

export const visible = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()

/** A button by its whole name, or by what a pattern finds in it. */
export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()

/** What the API answers when it refuses. */
export const refuse = (status: number, code: string, message: string) => () => {
  throw new Refusal(status, { code, message })
}

/** The customer of the fixtures, with collaboration spaces. */
export async function withSpaces(stage: Stage, at: Date): Promise<void> {
  const customer = (await stage.usual('query customers.get')) as CustomerDetail
  stage.answer({ 'query customers.get': () => ({ ...customer, spaces: spaces(at.getTime()) }) })
}
