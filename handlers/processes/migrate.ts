import { type MigrationResult, type MigrationRow, processMigrateInput } from '../../common/contract/processes.ts'
import { asAppError, NotFoundError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import { type ProcessDefinition, readState, reportMigration } from '../../engine/process/index.ts'
import type { CaseDoc } from '../../models/approvals/index.ts'
import { act, definitionOf } from '../approvals/index.ts'
import { type CommandContext, defineCommand } from '../kernel/command.ts'

/** Cases that one call looks at. */
const MAX_CASES = 200

/** 迁移: first what would become of running cases in a newer version, then, told to, moving those that can be moved. */
export const migrateProcess = defineCommand({
  name: 'processes.migrate',
  title: '迁移进行中的审批',
  input: processMigrateInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run(context, { key, toVersion, caseIds, nodes, apply }) {
    const { models } = context.services
    const target = await models.processes.version(key, toVersion)
    if (!target || target.state === 'draft') throw new NotFoundError('process.unknown', '没有这个版本的流程。')
    const to = target.definition as ProcessDefinition
    const heads = (await models.cases.runningOf(key, MAX_CASES, caseIds)).filter(head => head.processVersion !== toVersion)
    const items: MigrationRow[] = []
    for (const head of heads) items.push(await migrateOne(context, head, to, nodes, apply))
    const able = items.filter(item => item.blocked.length === 0).length
    const result: MigrationResult = {
      items,
      applied: apply,
      message: apply
        ? `已迁移 ${items.filter(item => item.moved).length} 个,${items.length - items.filter(item => item.moved).length} 个没有迁移。`
        : `${able} 个可以迁移,${items.length - able} 个不能。`,
    }
    return { result, subject: `process:${key}` }
  },
})

async function migrateOne(
  context: CommandContext,
  head: CaseDoc,
  to: ProcessDefinition,
  nodes: Readonly<Record<string, string>>,
  apply: boolean,
): Promise<MigrationRow> {
  const { services, commandId, actor, via } = context
  const state = readState(head.state)
  const from = await definitionOf(services, state)
  const { changes, blocked } = reportMigration(state, from, to, nodes)
  const row = { caseId: head._id, number: head.number, from: from.version, to: to.version, changes, blocked, moved: false }
  if (!apply || blocked.length > 0) return row
  try {
    await act(services, {
      caseId: head._id,
      actorId: actor.personId,
      commandId: deriveId(commandId, head._id),
      via,
      event: { type: 'migrate', by: actor.personId, via, to: to.version, nodes: { ...nodes } },
      target: to,
    })
    return { ...row, moved: true }
  } catch (error) {
    const refused = asAppError(error)
    if (refused.status >= 500) throw error
    return { ...row, blocked: [refused.message] }
  }
}
