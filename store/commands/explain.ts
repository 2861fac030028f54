import { compilersFor } from '../aggregate/index.ts'
import { compileCollation, type Doc, decode } from '../bson/index.ts'
import { isObject } from '../bson/values.ts'
import type { Collection, Plan } from '../data/index.ts'
import { badValue, failedToParse } from '../errors.ts'
import { compileFilter } from '../match/index.ts'
import { type Pace, planOf, type Query } from '../query/index.ts'
import { checkCommandFields } from './fields.ts'
import { documentField, type Handler, hintOf, paceOf, type Request } from './request.ts'

const verbosities = ['queryPlanner', 'executionStats', 'allPlansExecution']

function filterOf(inner: Doc): Doc {
  const first = (list: unknown): Doc => (Array.isArray(list) && isObject(list[0]) ? list[0] : {})
  if (inner.updates) return documentField(first(inner.updates), 'q')
  if (inner.deletes) return documentField(first(inner.deletes), 'q')
  if (inner.pipeline) return documentField(first(inner.pipeline), '$match')
  return documentField(inner, inner.filter ? 'filter' : 'query')
}

type Counts = { nReturned: number; totalDocsExamined: number }
type Explained = Pick<Query, 'filter' | 'hint' | 'context'>

async function run(request: Request, collection: Collection, chosen: Plan, query: Explained, pace: Pace): Promise<Counts> {
  const counts: Counts = { nReturned: 0, totalDocsExamined: 0 }
  const test = compileFilter(query.filter, query.context)
  for (const { bytes } of request.services.database.scan(collection, chosen, null)) {
    counts.totalDocsExamined++
    if (test(decode(bytes))) counts.nReturned++
    if (pace.due) await pace.rest()
  }
  return counts
}

function winningPlan(plan: Plan | undefined, sort: Doc): Doc {
  const index = plan?.index
  const scan = index
    ? { stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: index.name, keyPattern: index.meta.spec.key } }
    : { stage: 'COLLSCAN' }
  return plan?.sorted || Object.keys(sort).length === 0 ? scan : { stage: 'SORT', inputStage: scan }
}

/** `explain`: which index a query uses, and how many documents it looks at. */
export const explain: Handler = async request => {
  const { command, db, services } = request
  const { explain: inner, verbosity = 'allPlansExecution' } = command
  if (!isObject(inner)) throw failedToParse("The 'explain' command's value must be a command")
  if (!verbosities.includes(String(verbosity)))
    throw badValue(`Enumeration value '${String(verbosity)}' for field 'explain.verbosity' is not a valid value.`)
  const [name = '', target] = Object.entries(inner)[0] ?? []
  checkCommandFields(name, inner)
  const ns = `${db}.${String(target)}`
  const sort = documentField(inner, 'sort')
  const context = compilersFor(services.nowMs, documentField(inner, 'let'), compileCollation(inner.collation))
  const query: Explained = { filter: filterOf(inner), hint: hintOf(inner), context }
  const collection = services.database.catalogue.get(ns)
  const plan = collection && planOf(services.database, collection, query, sort)
  const queryPlanner = { namespace: ns, parsedQuery: query.filter, winningPlan: winningPlan(plan, sort), rejectedPlans: [] }
  if (verbosity === 'queryPlanner') return { explainVersion: '1', queryPlanner }
  const counts =
    collection && plan ? await run(request, collection, plan, query, paceOf(request)) : { nReturned: 0, totalDocsExamined: 0 }
  const totalKeysExamined = plan?.index ? counts.totalDocsExamined : 0
  return { explainVersion: '1', queryPlanner, executionStats: { executionSuccess: true, totalKeysExamined, ...counts } }
}
