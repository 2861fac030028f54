/** A button as a person sees it: with `key` it calls back, with `url` it opens a page. */
export interface CardButton {
  text: string
  key?: string
  url?: string
  enabled: boolean
  style?: string
}

/** A choice on a card. */
export interface CardQuestion {
  key: string
  title: string
  many: boolean
  options: { id: string; text: string }[]
}

/** A card as its client paints it. */
export interface CardView {
  raw: Record<string, unknown>
  /** WeCom's `task_id`, DingTalk's `outTrackId`; empty for cards that cannot call back. */
  taskId: string
  title: string
  subTitle: string
  description: string
  /** The outcome line: WeCom's grey replacement text, DingTalk's `status` variable. */
  status: string
  facts: { label: string; value: string; url?: string }[]
  buttons: CardButton[]
  menu: { text: string; key: string }[]
  /** What can be chosen on the card itself, before its button is pressed. */
  questions?: CardQuestion[]
  url?: string
}

/** One bubble of a chat. */
export interface ChatMessage {
  msgid: string
  from: 'app' | 'user'
  kind: 'text' | 'card'
  text?: string
  card?: CardView
  recalled: boolean
  at: number
}
