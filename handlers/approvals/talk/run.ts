import type { Command } from '../../kernel/command.ts'
import { execute } from '../../kernel/execute.ts'
import { type Reply, say } from '../../kernel/reply.ts'
import type { Turn } from '../../kernel/turn.ts'

/** Run a command for who speaks; the same words delivered twice act once. */
export const runByWord = <Result>(turn: Turn, command: Command, input: unknown): Promise<Result> =>
  execute(turn.services, command, input, {
    actor: turn.viewer,
    commandId: turn.id(command.name),
    via: turn.event.platform,
    surface: 'chat',
  }) as Promise<Result>

/** The same, answered with the command's own sentence. */
export const answerByWord = async (turn: Turn, command: Command, input: unknown): Promise<Reply> =>
  say((await runByWord<{ message: string }>(turn, command, input)).message)
