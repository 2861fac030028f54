import type { DingTalkEmulator } from '../../emulator/index.ts'

/** Resolves when the service's stream is open: told by the emulator, not by the clock. */
export function connected(dingtalk: DingTalkEmulator): Promise<void> {
  if (dingtalk.connections() > 0) return Promise.resolve()
  return new Promise(resolve => {
    const stop = dingtalk.onChange(() => {
      if (dingtalk.connections() === 0) return
      stop()
      resolve()
    })
  })
}
