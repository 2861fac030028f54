import { openCompany } from './approvals-company.ts'
import { benchLists } from './approvals-lists.ts'
import { benchDecisions } from './approvals-rate.ts'
import { benchTransition } from './process-transition.ts'
import type { Row } from './report.ts'

/** The engine alone, decisions on the real store, and the lists that people look at. */
export async function benchProcess(): Promise<Row[]> {
  const rows = benchTransition()
  const company = await openCompany()
  try {
    return [...rows, ...(await benchDecisions(company)), ...(await benchLists(company))]
  } finally {
    await company.close()
  }
}
