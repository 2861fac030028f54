/**
 * The channel-neutral card. Plain data: made by templates, drawn by one pure renderer per channel.
 * Anatomy after style guide: kind and number, one-line title, at most five facts, why you, buttons, outcome.
 */
export type Tone = 'waiting' | 'good' | 'bad' | 'over'

/** The one list of status words; each has one tone everywhere. */
export const STATUS_TONES = {
  待确认: 'waiting',
  待处理: 'waiting',
  已写入: 'good',
  已同意: 'good',
  已完成: 'good',
  信息: 'over',
  已拒绝: 'bad',
  已撤回: 'over',
  已取消: 'over',
  已转交: 'over',
  已退回: 'bad',
  已超时: 'bad',
  已失效: 'over',
} as const satisfies Record<string, Tone>

export type StatusWord = keyof typeof STATUS_TONES

export interface Fact {
  /** WeCom shows about five characters. */
  label: string
  value: string
}

export type CardButton =
  /** Comes back to us as a click with this `id`. */
  | { type: 'callback'; id: string; label: string; style?: 'primary' | 'danger' }
  /** Opens an H5 page. `url` is absolute. */
  | { type: 'link'; id: string; label: string; url: string; style?: 'primary' | 'danger' }

export interface MenuAction {
  id: string
  label: string
}

/** Something to be chosen on the card itself. */
export interface CardQuestion {
  id: string
  title: string
  options: readonly { id: string; label: string }[]
  /** Several may be chosen. */
  many?: true
}

export interface Card {
  /** What this is: 合同审批, 新线索, 客户. */
  kind: string
  /** The printed number (HT-2026-0041), absent before one exists. */
  number?: string
  title: string
  status: StatusWord
  /** The deciding one first. What a channel cannot hold follows on H5. */
  facts: readonly Fact[]
  /** Why this came to the viewer: `金额 620,000.00 > 500,000.00 → 副总`. */
  reason?: string
  /** The outcome line or a hint: `已同意 · 王敏 · 11-21 14:03`. */
  note?: string
  buttons: readonly CardButton[]
  /** Questions with one button that sends the answers; only where the channel has `choices`. A card asks or has buttons, not both. */
  ask?: { questions: readonly CardQuestion[]; submit: { id: string; label: string } }
  /** A picture that people in the chat may see; `ratio` is width to height, between 1.3 and 2.25. */
  picture?: { url: string; ratio?: number }
  /** Rarer acts (更多). WeCom: `action_menu`; DingTalk: on 详情. Callback ids. */
  more?: readonly MenuAction[]
  /** The page that holds the rest; tapping the card body opens it where the channel can. */
  link?: string
}

/** Does a click on this card reach us? A closed card has no callback button. */
export const hasCallback = (card: Card): boolean =>
  card.ask !== undefined || card.buttons.some(button => button.type === 'callback') || (card.more?.length ?? 0) > 0
