import type { ClientSession } from 'mongoose'
import type { z } from 'zod'
import type { Viewer } from '../../engine/policy/index.ts'
import type { NewCard } from '../../models/kernel/card-ledger.ts'
import type { NewMessage } from '../../models/kernel/outbox.ts'
import type { Services } from './services.ts'

/** Where a capability may be used. */
export type Surface = 'chat' | 'card' | 'h5' | 'admin'

export interface CommandContext {
  services: Services
  actor: Viewer
  /** Repeating a command under the same id changes nothing and gives the first result. */
  commandId: string
  /** The platform it came through, or `h5`; see `PLATFORM_NAMES`. */
  via: string
  /** Milliseconds. */
  now: number
  /** Ids of what the command creates: the same for every repetition. */
  id(...parts: string[]): string
}

/** What a command did, and what is to follow. Follow-ups are saved with the change and run afterwards. */
export interface CommandOutcome<Result> {
  result: Result
  /** For the audit row: ids and numbers, no free text. */
  subject?: string
  messages?: NewMessage[]
  cards?: NewCard[]
  /** Card subjects to paint anew. */
  touch?: string[]
  /** Called once the change is committed: snapshots to forget, queues to wake. */
  committed?(): void
}

interface CommandBase<Input extends z.ZodType> {
  /** `<capability>.<verb>`, the same in every layer. */
  name: string
  /** What people call it. */
  title: string
  input: Input
  surfaces: readonly Surface[]
}

/** For results with a secret in them: what is stored is without it, and this puts it back for whoever may have it. */
interface Revealing<Result> {
  reveal?(services: Services, commandId: string, stored: Result): Result
}

/** A use-case that writes. Declared once; chat, card, H5 and audit are served from this declaration. */
export type Command<Input extends z.ZodType = z.ZodType, Prepared = unknown, Result = unknown> = CommandBase<Input> &
  Revealing<Result> &
  (
    | {
        /** All its writes are one transaction with its audit row. */
        kind: 'transaction'
        /** What must be had before the transaction (numbers). Repeatable. */
        prepare?(context: CommandContext, input: z.output<Input>): Promise<Prepared>
        run(
          context: CommandContext,
          input: z.output<Input>,
          session: ClientSession,
          prepared: Prepared,
        ): Promise<CommandOutcome<Result>>
      }
    | {
        /** Its one insert is the decision and knows the command id; see `models/kernel/steps`. */
        kind: 'decision'
        run(context: CommandContext, input: z.output<Input>): Promise<CommandOutcome<Result>>
      }
  )

export interface QueryContext {
  services: Services
  viewer: Viewer
  now: number
}

/** A use-case that reads and writes nothing. */
export interface Query<Input extends z.ZodType = z.ZodType, Result = unknown> {
  name: string
  title: string
  input: Input
  surfaces: readonly Surface[]
  run(context: QueryContext, input: z.output<Input>): Promise<Result>
}

export const defineCommand = <Input extends z.ZodType, Prepared, Result>(
  command: Command<Input, Prepared, Result>,
): Command<Input, Prepared, Result> => command

export const defineQuery = <Input extends z.ZodType, Result>(query: Query<Input, Result>): Query<Input, Result> => query
