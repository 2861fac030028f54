import type { QuietHours } from '../../models/kernel/notice-preferences.ts'
import { DEFAULT_REMIND_HOURS } from './ageing.ts'
import type { Services } from './services.ts'

/** What an admin chose for the whole company; absent: the default. */
export interface NoticeSettings {
  quiet?: QuietHours | null
  /** Working hours after which an unanswered decision comes up again. */
  remindAfterHours?: number
}

/** Name of the row among the settings. */
export const NOTICE_SETTINGS = 'notices'

export const noticeSettings = async ({ models }: Pick<Services, 'models'>): Promise<NoticeSettings> =>
  (await models.settings.get<NoticeSettings>(NOTICE_SETTINGS)) ?? {}

export const remindAfterHours = async (services: Services): Promise<number> =>
  (await noticeSettings(services)).remindAfterHours ?? DEFAULT_REMIND_HOURS
