import { z } from 'zod'
import { configureNoticesInput, type NoticeSettingsView, setQuietInput } from '../../common/contract/deliveries.ts'
import { defineCommand, defineQuery } from '../kernel/command.ts'
import { NOTICE_SETTINGS, noticeSettings, remindAfterHours } from '../kernel/notice-settings.ts'

/** When this person and the company are left in peace. */
export const noticesSettings = defineQuery({
  name: 'notices.settings',
  title: '通知设置',
  input: z.object({}),
  surfaces: ['h5'],
  async run({ services, viewer }): Promise<NoticeSettingsView> {
    const own = await services.models.noticePreferences.quietOf(viewer.personId)
    return {
      company: { quiet: await services.quietHours(), remindAfterHours: await remindAfterHours(services) },
      ...(own !== undefined && { own: { quiet: own } }),
    }
  },
})

/** One's own quiet hours. */
export const setQuiet = defineCommand({
  name: 'notices.setQuiet',
  title: '设置免打扰',
  input: setQuietInput,
  surfaces: ['h5'],
  kind: 'decision',
  async run({ services, actor }, { quiet }) {
    const { noticePreferences } = services.models
    if (quiet === undefined) await noticePreferences.forgetQuiet(actor.personId)
    else await noticePreferences.setQuiet(actor.personId, quiet)
    return { result: { quiet: quiet ?? null } }
  },
})

/** Quiet hours and reminders of the whole company. */
export const configureNotices = defineCommand({
  name: 'notices.configure',
  title: '设置通知',
  input: configureNoticesInput,
  surfaces: ['admin'],
  kind: 'decision',
  async run({ services }, change) {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
    const settings = { ...(await noticeSettings(services)), ...given }
    await services.models.settings.set(NOTICE_SETTINGS, settings)
    return { result: settings }
  },
})
