import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const require = createRequire(import.meta.url)
let axe: Promise<string> | null = null

interface Finding {
  id: string
  nodes: { html: string; failureSummary?: string }[]
}

/** What axe-core finds on the page as it stands. */
export async function accessibilityFaults(page: Page, place: string): Promise<string[]> {
  axe ??= readFile(require.resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(await axe)
  const findings = await page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    return (await checker.run()).violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
    }))
  })
  return findings.map(({ id, nodes }) => `${place} ${id}: ${nodes.map(node => `${node.html} ${node.failureSummary}`).join('\n')}`)
}

/** By how many pixels the page is wider than the screen, with text of that size. */
export const extraWidth = (page: Page, fontSize: string): Promise<number> =>
  page.evaluate(size => {
    document.documentElement.style.fontSize = size
    return document.documentElement.scrollWidth - window.innerWidth
  }, fontSize)

/** What can be tapped and is less than 44 px high. */
export async function smallTargets(page: Page, place: string): Promise<string[]> {
  const found = await page.evaluate(() =>
    Array.from(document.querySelectorAll<HTMLElement>('button, a[href], input:not([type=file]), textarea'))
      .filter(element => element.offsetParent !== null && element.getBoundingClientRect().height < 44)
      .map(
        element => `${element.className} ${element.textContent?.trim()} ${Math.round(element.getBoundingClientRect().height)}`,
      ),
  )
  return found.map(element => `${place}: ${element}`)
}
