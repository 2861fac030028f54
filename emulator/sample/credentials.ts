/** Made-up app credentials of the sample company on WeCom; they open nothing outside the emulator. */
export const sampleWeComApp = {
  corpId: 'wwyuxin0001',
  agentId: 1000002,
  secret: 'emulated-wecom-secret',
  token: 'emulatedToken01',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ',
} as const

/** Made-up app credentials of the sample company on DingTalk. */
export const sampleDingTalkApp = {
  clientId: 'dingyuxinapp01',
  clientSecret: 'emulated-dingtalk-secret',
  corpId: 'dingyuxin0001',
  agentId: '2000001',
  cardTemplateId: '7a1f0c52-2b34-4c7e-9a55-1d2e3f405162.schema',
  groupTemplateId: '3c9d1b7e-5f20-4a86-b1d4-90e2a7c6f813',
  eventKeys: { token: 'emulatedToken02', aesKey: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq' },
} as const
