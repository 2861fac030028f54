import { compilersFor } from '../aggregate/index.ts'
import type { Doc } from '../bson/index.ts'
import { isObject } from '../bson/values.ts'
import { failedToParse } from '../errors.ts'
import { breathe, matchingRows, pause } from '../query/index.ts'
import { documentField, type Handler } from './request.ts'

function filterOf(inner: Doc): Doc {
  const first = (list: unknown): Doc => (Array.isArray(list) && isObject(list[0]) ? list[0] : {})
  if (inner.updates) return documentField(first(inner.updates), 'q')
  if (inner.deletes) return documentField(first(inner.deletes), 'q')
  if (inner.pipeline) return documentField(first(inner.pipeline), '$match')
  return documentField(inner, inner.filter ? 'filter' : 'query')
}

/** `explain`: which index a query uses, and how many documents it looks at. */
export const explain: Handler = async ({ command, db, services }) => {
  const inner = command.explain
  if (!isObject(inner)) throw failedToParse("The 'explain' command's value must be a command")
  const ns = `${db}.${String(Object.values(inner)[0])}`
  const filter = filterOf(inner)
  const sort = documentField(inner, 'sort')
  const collection = services.database.catalogue.get(ns)
  const plan = collection && services.database.plan(collection, filter, sort, inner.hint)
  let nReturned = 0
  let totalDocsExamined = 0
  if (collection && plan) {
    for (const _ of services.database.scan(collection, plan, null)) totalDocsExamined++
    const query = { filter, hint: inner.hint, context: compilersFor(services.nowMs), transaction: null }
    for (const row of matchingRows(services.database, collection, query, sort)) {
      if (row === pause) await breathe()
      else nReturned++
    }
  }
  const index = plan?.index
  const scanStage = index
    ? { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: index.name, keyPattern: index.meta.spec.key } }
    : { stage: 'COLLSCAN' }
  const winningPlan = plan?.sorted || Object.keys(sort).length === 0 ? scanStage : { stage: 'SORT', inputStage: scanStage }
  return {
    explainVersion: '1',
    queryPlanner: { namespace: ns, parsedQuery: filter, winningPlan, rejectedPlans: [] },
    executionStats: { executionSuccess: true, nReturned, totalKeysExamined: index ? totalDocsExamined : 0, totalDocsExamined },
  }
}
