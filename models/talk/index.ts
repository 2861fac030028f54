import { type Connection, Schema } from 'mongoose'
import type { DraftView, DuplicateMatch } from '../../common/contract/leads.ts'
import { type InSession, modelOn, plainSchema, withSession } from '../kernel/mongo.ts'

/** What somebody began in the chat: it waits for missing fields, then for 确认. */
export interface DraftDoc {
  _id: string
  kind: DraftView['kind']
  personId: string
  /** Form field → value as text, see the command's input. */
  values: Record<string, string>
  /** The field the bot asked for. */
  asking: string | null
  status: DraftView['status']
  revision: number
  /** What the card showed of who follows this customer already; a confirmation covers exactly these. */
  duplicates: DuplicateMatch[]
  /** The command that finishes it; its repetition may go on after a crash. */
  claimedBy?: string
  /** What became of it. */
  outcome?: { number?: string; id?: string; note: string; at: Date }
  createdAt: Date
  updatedAt: Date
}

/** Where a person's talk stands. */
export interface DialogueDoc {
  /** Person id. */
  _id: string
  draftId: string | null
  /** When the bot greeted last. */
  greetedAt?: Date
  /** The list just shown; answered by its number. */
  list: {
    kind: 'customer' | 'approval' | 'todo'
    next: Record<string, unknown>
    items: { id: string; label: string }[]
    at: Date
    /** The card that shows the same list. */
    pickId?: string
  } | null
}

/** A list that was offered on a card. */
export interface PickDoc {
  _id: string
  personId: string
  next: Record<string, unknown>
  items: { id: string; label: string }[]
  /** How many there are in all. */
  total: number
  /** What was chosen, on the card or by its number. */
  picked: string | null
  at: Date
}

const KEEP_DRAFTS_SECONDS = 30 * 24 * 3600
const KEEP_PICKS_SECONDS = 7 * 24 * 3600

const draftSchema = new Schema<DraftDoc>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    personId: { type: String, required: true },
    values: { type: Schema.Types.Mixed, required: true },
    asking: { type: String, default: null },
    status: { type: String, required: true },
    revision: { type: Number, required: true },
    duplicates: { type: [Schema.Types.Mixed], required: true } as never,
    claimedBy: String,
    outcome: Schema.Types.Mixed,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true, expires: KEEP_DRAFTS_SECONDS },
  },
  plainSchema,
)
draftSchema.index({ personId: 1, status: 1, updatedAt: -1 })

const dialogueSchema = new Schema<DialogueDoc>(
  {
    _id: { type: String, required: true },
    draftId: { type: String, default: null },
    greetedAt: Date,
    list: { type: Schema.Types.Mixed, default: null },
  },
  plainSchema,
)

const pickSchema = new Schema<PickDoc>(
  {
    _id: { type: String, required: true },
    personId: { type: String, required: true },
    next: { type: Schema.Types.Mixed, required: true },
    items: { type: [Schema.Types.Mixed], required: true } as never,
    total: { type: Number, required: true },
    picked: { type: String, default: null },
    at: { type: Date, required: true, expires: KEEP_PICKS_SECONDS },
  },
  plainSchema,
)

export function createTalk(connection: Connection) {
  const drafts = modelOn<DraftDoc>(connection, 'Draft', draftSchema, 'drafts')
  const dialogues = modelOn<DialogueDoc>(connection, 'Dialogue', dialogueSchema, 'dialogues')
  const picks = modelOn<PickDoc>(connection, 'Pick', pickSchema, 'picks')

  return {
    drafts,
    dialogues,

    draft: (id: string, options?: InSession) => drafts.findById(id, null, withSession(options)).lean<DraftDoc>(),

    /** Make a draft; a repeated message finds the one it made before. */
    async begin(draft: DraftDoc): Promise<DraftDoc> {
      const { _id, ...rest } = draft
      const row = await drafts
        .findOneAndUpdate({ _id }, { $setOnInsert: rest }, { upsert: true, returnDocument: 'after' })
        .lean<DraftDoc>()
      return row ?? draft
    },

    /** Change an open draft; null when it is closed or was changed meanwhile. */
    change(id: string, revision: number, change: Partial<DraftDoc>, at: Date): Promise<DraftDoc | null> {
      return drafts
        .findOneAndUpdate(
          { _id: id, revision, status: 'open' },
          { $set: { ...change, updatedAt: at }, $inc: { revision: 1 } },
          { returnDocument: 'after' },
        )
        .lean<DraftDoc>()
    },

    /** Close it; false when it was closed before. */
    async close(
      id: string,
      status: 'done' | 'cancelled',
      outcome: NonNullable<DraftDoc['outcome']>,
      options?: InSession,
    ): Promise<boolean> {
      const { matchedCount } = await drafts.updateOne(
        { _id: id, status: 'open' },
        { $set: { status, outcome, asking: null, updatedAt: outcome.at }, $inc: { revision: 1 } },
        withSession(options),
      )
      return matchedCount === 1
    },

    /** Reserve an open draft for a command whose write is not a transaction; true again for the same command. */
    async claim(id: string, commandId: string, at: Date): Promise<boolean> {
      const { matchedCount } = await drafts.updateOne(
        { _id: id, $or: [{ status: 'open' }, { claimedBy: commandId }] },
        { $set: { status: 'done', claimedBy: commandId, asking: null, updatedAt: at } },
      )
      return matchedCount === 1
    },

    /** What became of a claimed draft. */
    async finish(id: string, commandId: string, outcome: NonNullable<DraftDoc['outcome']>): Promise<void> {
      await drafts.updateOne({ _id: id, claimedBy: commandId }, { $set: { outcome }, $inc: { revision: 1 } })
    },

    /** The command was refused after all: the draft is open again. */
    async release(id: string, commandId: string): Promise<void> {
      await drafts.updateOne(
        { _id: id, claimedBy: commandId, outcome: { $exists: false } },
        { $set: { status: 'open' }, $unset: { claimedBy: 1 } },
      )
    },

    async reassign(fromId: string, toId: string): Promise<void> {
      await drafts.updateMany({ personId: fromId }, { $set: { personId: toId } })
    },

    pick: (id: string) => picks.findById(id).lean<PickDoc>(),

    /** Offer a list; a repeated message finds the one it offered before. */
    async offer(pick: PickDoc): Promise<void> {
      const { _id, ...rest } = pick
      await picks.updateOne({ _id }, { $setOnInsert: rest }, { upsert: true })
    },

    async picked(id: string, itemId: string): Promise<void> {
      await picks.updateOne({ _id: id }, { $set: { picked: itemId } })
    },

    async dialogue(personId: string): Promise<DialogueDoc> {
      return (await dialogues.findById(personId).lean<DialogueDoc>()) ?? { _id: personId, draftId: null, list: null }
    },

    async remember(personId: string, change: Partial<Omit<DialogueDoc, '_id'>>): Promise<void> {
      await dialogues.updateOne({ _id: personId }, { $set: change }, { upsert: true })
    },
  }
}
