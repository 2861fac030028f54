import type { z } from 'zod'
import { AppError, DeniedError } from '../../common/errors.ts'
import { deriveId } from '../../common/ids.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import type { Command, CommandContext, CommandOutcome, Query, Surface } from './command.ts'
import type { Services } from './services.ts'

export interface Call {
  actor: Viewer
  commandId: string
  via: string
  surface: Surface
}

/** Input that a form or a caller can mend: field → sentence. */
export function parseInput<Input extends z.ZodType>(schema: Input, raw: unknown): z.output<Input> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const fields: Record<string, string> = {}
  for (const issue of parsed.error.issues) fields[issue.path.join('.') || '_'] ??= sentenceOf(issue.message)
  const said = [...new Set(Object.values(fields))].filter(sentence => sentence !== UNCLEAR)
  const message = said.length > 0 ? `${said.join(';')}。` : `${UNCLEAR},请检查后重试。`
  throw new AppError('input.invalid', message, { status: 400, details: { fields } })
}

const UNCLEAR = '填写的内容有误'

/** The schema's own sentence; the library's English ones are for nobody here. */
const sentenceOf = (message: string): string => (/\p{Script=Han}/u.test(message) ? message.replace(/。$/, '') : UNCLEAR)

function requireSurface(
  definition: { name: string; title: string; surfaces: readonly Surface[] },
  actor: Viewer,
  surface: Surface,
): void {
  if (definition.surfaces.includes('admin') && !actor.isAdmin) {
    throw new DeniedError('auth.admin_only', `"${definition.title}"只有管理员可以使用。`)
  }
  if (!definition.surfaces.includes(surface) && !(surface === 'h5' && definition.surfaces.includes('admin'))) {
    throw new DeniedError('command.surface', `"${definition.title}"不能在这里使用。`)
  }
}

/**
 * Run a command once. A repetition under the same id gets the first result; only a committed success consumes the id.
 *
 * @throws AppError what the command refuses; nothing was written then
 */
export async function execute<Input extends z.ZodType, Prepared, Result>(
  services: Services,
  command: Command<Input, Prepared, Result>,
  raw: unknown,
  call: Call,
): Promise<Result> {
  requireSurface(command, call.actor, call.surface)
  const { models } = services
  const known = await models.commandLog.find(call.commandId)
  const reveal = (stored: Result): Result => command.reveal?.(services, call.commandId, stored) ?? stored
  if (known) return reveal(firstResult<Result>(known, command.name, call))

  const input = parseInput(command.input, raw)
  const now = services.clock.now()
  const context: CommandContext = {
    services,
    actor: call.actor,
    commandId: call.commandId,
    via: call.via,
    now,
    id: (...parts) => deriveId(call.commandId, ...parts),
  }

  const outcome =
    command.kind === 'decision' ? await runDecision(context, command, input) : await runTransaction(context, command, input, call)
  outcome.committed?.()
  if (outcome.messages?.length) services.poke('outbox')
  if (outcome.cards?.length || outcome.touch?.length) services.poke('cards')
  return reveal(outcome.result)
}

async function runTransaction<Input extends z.ZodType, Prepared, Result>(
  context: CommandContext,
  command: Extract<Command<Input, Prepared, Result>, { kind: 'transaction' }>,
  input: z.output<Input>,
  call: Call,
): Promise<CommandOutcome<Result>> {
  const { models } = context.services
  const prepared = (command.prepare ? await command.prepare(context, input) : undefined) as Prepared
  try {
    return await models.transaction(async session => {
      const outcome = await command.run(context, input, session, prepared)
      const at = new Date(context.now)
      await models.commandLog.insert(logRow(context, command.name, outcome, at), { session })
      await saveFollowUps(context, outcome, at, { session })
      return outcome
    })
  } catch (error) {
    // A rival under the same id was faster: what it wrote may be why this one was refused.
    if (!isDuplicateKey(error) && !(error instanceof AppError)) throw error
    const known = await models.commandLog.find(context.commandId)
    if (!known) throw error
    return { result: firstResult<Result>(known, command.name, call) }
  }
}

async function runDecision<Input extends z.ZodType, Prepared, Result>(
  context: CommandContext,
  command: Extract<Command<Input, Prepared, Result>, { kind: 'decision' }>,
  input: z.output<Input>,
): Promise<CommandOutcome<Result>> {
  const outcome = await command.run(context, input)
  const at = new Date(context.now)
  await saveFollowUps(context, outcome, at, {})
  await context.services.models.commandLog.ensure(logRow(context, command.name, outcome, at))
  return outcome
}

async function saveFollowUps(
  { services: { models } }: CommandContext,
  outcome: CommandOutcome<unknown>,
  at: Date,
  options: Parameters<typeof models.outbox.put>[2],
): Promise<void> {
  await models.outbox.put(outcome.messages ?? [], at, options)
  await models.cards.want(outcome.cards ?? [], at, options)
  for (const subject of outcome.touch ?? []) await models.cards.touch(subject, at, options)
}

const logRow = (context: CommandContext, name: string, outcome: CommandOutcome<unknown>, at: Date) => ({
  _id: context.commandId,
  name,
  actorId: context.actor.personId,
  via: context.via,
  at,
  ...(outcome.subject && { subject: outcome.subject }),
  result: outcome.result,
})

function firstResult<Result>(known: { name: string; actorId: string; result: unknown }, name: string, call: Call): Result {
  if (known.name !== name || known.actorId !== call.actor.personId) {
    throw new AppError('command.id_reused', '这个操作编号已用于另一个操作,请刷新页面后重试。', { status: 409 })
  }
  return known.result as Result
}

/** Run a query for its asker. */
export async function ask<Input extends z.ZodType, Result>(
  services: Services,
  query: Query<Input, Result>,
  raw: unknown,
  viewer: Viewer,
  surface: Surface,
): Promise<Result> {
  requireSurface(query, viewer, surface)
  return query.run({ services, viewer, now: services.clock.now() }, parseInput(query.input, raw))
}
