import { compilersFor, runUpdatePipeline } from '../aggregate/index.ts'
import { compileCollation, type Doc } from '../bson/index.ts'
import { isObject, typeName } from '../bson/values.ts'
import { failedToParse } from '../errors.ts'
import type { Pace, UpdateStatement, WriteContext } from '../query/index.ts'
import { documentField, flag, hintOf, listField, type Request } from './request.ts'

/** What a statement adds to its command: variables of its own, and a collation. */
export type Own = { variables?: unknown; collation?: unknown }

/** Gives the surroundings of each statement of a write command; most share one. */
export function writeContexts(request: Request, pace: Pace): (own: Own) => WriteContext {
  const { database, nowMs } = request.services
  const { transaction, command } = request
  const make = ({ variables, collation }: Own): WriteContext => {
    const chosen = variables ?? command.let
    const spec = isObject(chosen) ? chosen : undefined
    return {
      database,
      context: compilersFor(nowMs, spec, compileCollation(collation)),
      transaction,
      nowMs,
      pace,
      bypass: flag(command.bypassDocumentValidation),
      pipeline: (stages, doc) => runUpdatePipeline(stages, doc, nowMs, spec),
    }
  }
  const plain = make({})
  return own => (own.variables === undefined && own.collation === undefined ? plain : make(own))
}

/** Reads the part that update statements of all commands share. */
export function readUpdate(statement: Doc, names: { query: string; update: string }): UpdateStatement {
  const update = statement[names.update]
  if (!isObject(update) && !(Array.isArray(update) && update.every(isObject))) {
    throw failedToParse(`Update argument must be either an object or an array, not ${typeName(update)}`)
  }
  return {
    query: documentField(statement, names.query),
    update,
    multi: flag(statement.multi),
    upsert: flag(statement.upsert),
    arrayFilters: listField(statement, 'arrayFilters'),
    sort: documentField(statement, 'sort'),
    hint: hintOf(statement),
  }
}
