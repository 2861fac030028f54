import type { DingTalkEmulator } from '../../emulator/index.ts'

/** Resolves when so many streams are open: told by the emulator, not by the clock. */
export function connected(dingtalk: DingTalkEmulator, count = 1): Promise<void> {
  if (dingtalk.connections() === count) return Promise.resolve()
  return new Promise(resolve => {
    const stop = dingtalk.onChange(() => {
      if (dingtalk.connections() !== count) return
      stop()
      resolve()
    })
  })
}
