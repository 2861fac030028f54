import { WECOM_LIMITS as L } from '../limits.ts'
import type { Card, CardQuestion } from '../model.ts'
import { line } from './clip.ts'
import { heading } from './heading.ts'

interface Option {
  id: string
  text: string
}

/** Questions on a card; the answers come back with the click as `SelectedItems`. */
export interface WeComAskCard {
  /** One question, or two or three with one answer each. */
  card_type: 'vote_interaction' | 'multiple_interaction'
  task_id?: string
  source: { desc: string }
  main_title: { title: string; desc: string }
  checkbox?: { question_key: string; mode: 0 | 1; option_list: Option[] }
  select_list?: { question_key: string; title: string; option_list: Option[] }[]
  submit_button: { text: string; key: string }
}

/** Draw questions ("发送应用消息", 投票选择型 and 多项选择型); null when there are more questions or options than a card holds. */
export function renderWeComAsk(
  card: Card,
  { questions, submit }: NonNullable<Card['ask']>,
  taskId?: string,
): WeComAskCard | null {
  const [only, second] = questions
  const shared = (title: number): Omit<WeComAskCard, 'card_type'> => ({
    ...(taskId !== undefined && { task_id: taskId }),
    source: { desc: line(`${card.kind} · ${card.status}`, L.sourceDesc) },
    main_title: { title: line(heading(card), title), desc: line(card.title, L.askDesc) },
    submit_button: { text: line(submit.label, L.buttonText), key: submit.id },
  })
  if (only && !second) {
    if (only.options.length === 0 || only.options.length > L.voteOptions) return null
    const option_list = optionsOf(only, L.voteOptionText)
    return {
      card_type: 'vote_interaction',
      ...shared(L.voteTitle),
      checkbox: { question_key: only.id, mode: only.many ? 1 : 0, option_list },
    }
  }
  const fits = ({ options, many }: CardQuestion) => options.length > 0 && options.length <= L.selectOptions && !many
  if (!second || questions.length > L.selects || !questions.every(fits)) return null
  const select_list = questions.map(question => ({
    question_key: question.id,
    title: line(question.title, L.selectTitle),
    option_list: optionsOf(question, L.selectOptionText),
  }))
  return { card_type: 'multiple_interaction', ...shared(L.mainTitle), select_list }
}

const optionsOf = ({ options }: CardQuestion, mostUnits: number): Option[] =>
  options.map(({ id, label }) => ({ id, text: line(label, mostUnits) || '—' }))
