/**
 * What a card may hold, per channel, with its source.
 *
 * WeCom counts 字 and documents the numbers as display limits; they are applied to UTF-16 units, the strictest reading, so that no client cuts.
 * Source: WeCom developer documentation 90236 "发送应用消息", section "模板卡片消息".
 */
export const WECOM_LIMITS = {
  sourceDesc: 20,
  mainTitle: 36,
  mainDesc: 44,
  subTitle: 160,
  rows: 6,
  rowKey: 5,
  rowValue: 30,
  buttons: 6,
  menuActions: 3,
  jumps: 3,
  jumpTitle: 18,
  buttonText: 10,
  voteTitle: 16,
  askDesc: 160,
  voteOptions: 20,
  voteOptionText: 17,
  selects: 3,
  selectOptions: 10,
  selectOptionText: 16,
  selectTitle: 16,
  textCardTitleBytes: 128,
  textCardDescription: 512,
} as const

/**
 * DingTalk page "创建并投放卡片": a value of `cardParamMap` is at most 1 KB (UTF-8). Buttons of ActionCards: message types
 * `sampleActionCard2` … `sampleActionCard5`.
 */
export const DINGTALK_LIMITS = {
  paramBytes: 1024,
  titleUnits: 120,
  actionButtons: 5,
  alertUnits: 80,
} as const
