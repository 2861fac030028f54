import type { Fact } from '../../cards/model.ts'
import type { DuplicateMatch } from '../../common/contract/leads.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { DraftDoc } from '../../models/talk/index.ts'
import type { Command } from '../kernel/command.ts'
import type { Services } from '../kernel/services.ts'

export interface DraftField {
  name: string
  /** On the card. */
  label: string
  required: boolean
  /** How the bot asks for it. */
  question: string
  /** 是 and 否 are answers to it, not 确认 and 取消 of the whole. */
  yesNo?: true
  /** Read what somebody answered; a problem is a sentence. */
  read(text: string): { ok: true; value: string } | { ok: false; message: string }
}

/**
 * Something that is begun in the chat, shown as a card with exactly what will be written, and written after 确认. Its owner
 * capability says which command that is.
 */
export interface DraftKind {
  kind: DraftDoc['kind']
  /** On the card: 新线索, 写跟进, 合同审批, 项目报备. */
  title: string
  /** What a note that continues calls it: 线索, 跟进, 合同. */
  noun: string
  fields: readonly DraftField[]
  command: Command
  /** Pictures and files sent meanwhile go with it: kept as JSON text under `attachments`, as its form does. */
  takesFiles?: true
  /** Card title, e.g. the company. */
  heading(values: Readonly<Record<string, string>>): string
  facts(values: Readonly<Record<string, string>>): Fact[]
  /** What a line of a card would cut off: it is shown in full, as far as a card can, before 确认. */
  quote?(values: Readonly<Record<string, string>>): string | undefined
  /** The form behind 修改. */
  route(draft: DraftDoc): string
  /** The record's page after it was written. */
  resultRoute(draft: DraftDoc): string
  toInput(draft: DraftDoc, options: { anyway: boolean }): unknown
  /** Said before 确认: who follows this already, who will approve. */
  check?(
    services: Services,
    viewer: Viewer,
    values: Readonly<Record<string, string>>,
  ): Promise<{ duplicates?: DuplicateMatch[]; note?: string }>
  /** What the card says after it was written. */
  outcomeNote(result: unknown): { number?: string; id?: string; note: string }
}

/** Finds the kind of a draft; null for one that is no longer offered. */
export interface DraftKinds {
  of(services: Services, draft: Pick<DraftDoc, 'kind' | 'values'>): Promise<DraftKind | null>
}

/** The first field that is required and not there yet. */
export const nextMissing = (kind: DraftKind, values: Readonly<Record<string, string>>): DraftField | undefined =>
  kind.fields.find(field => field.required && !values[field.name])
