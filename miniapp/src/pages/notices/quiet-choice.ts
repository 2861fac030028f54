import type { QuietHoursInput } from '../../../../common/contract/deliveries.ts'

/** Quiet hours as a form holds them. `company`: whatever the company has. */
export interface QuietChoice {
  mode: 'company' | 'own' | 'none'
  from: string
  to: string
}

const USUAL: QuietHoursInput = { from: '21:00', to: '08:00' }

/** `21:00 至次日 08:00`, `不设` */
export function quietWords(quiet: QuietHoursInput | null): string {
  if (quiet === null || quiet.from === quiet.to) return '不设'
  return `${quiet.from} 至${quiet.to < quiet.from ? '次日' : ''} ${quiet.to}`
}

/** @param quiet undefined: the company's */
export function choiceOf(quiet: QuietHoursInput | null | undefined): QuietChoice {
  const mode = quiet === undefined ? 'company' : quiet === null ? 'none' : 'own'
  return { mode, ...(quiet ?? USUAL) }
}

/** What is wrong, as a sentence; null when it can be saved. */
export function quietFault({ mode, from, to }: QuietChoice): string | null {
  if (mode !== 'own') return null
  if (!from || !to) return '请填写开始和结束时间'
  return from === to ? '开始和结束不能相同;不需要免打扰请选“不设”' : null
}

/** As the service takes it. */
export function quietOf({ mode, from, to }: QuietChoice): QuietHoursInput | null | undefined {
  if (mode === 'company') return undefined
  return mode === 'none' ? null : { from, to }
}
