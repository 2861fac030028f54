import { gzipSync } from 'node:zlib'
import { openStage } from '../support/miniapp-stage.ts'
import { round } from './numbers.ts'
import type { Row } from './report.ts'

/** Script and style that the employee H5 fetches until its first screen (待办) is usable, over an empty cache. */
export async function benchFirstLoad(): Promise<Row[]> {
  const stage = await openStage()
  try {
    const page = await stage.open('')
    const sizes: Promise<number>[] = []
    page.on('response', response => {
      if (/\.(js|css)(\?|$)/.test(response.url())) sizes.push(response.body().then(body => gzipSync(body).length))
    })
    const startedAt = performance.now()
    await page.goto(`${stage.origin}/m/`)
    await page.getByText('跟进线索').first().waitFor()
    const usableMs = performance.now() - startedAt
    const bytes = await Promise.all(sizes)
    const total = bytes.reduce((sum, size) => sum + size, 0)
    return [
      { what: 'H5 first load, script and style', value: `${round(total / 1024, 1)} KB gzip`, target: 'target ≤ 70 KB' },
      { what: 'H5 first load, requests for them', value: String(bytes.length) },
      { what: 'H5 first screen usable (this machine, no network delay)', value: `${round(usableMs)} ms` },
    ]
  } finally {
    await stage.close()
  }
}
