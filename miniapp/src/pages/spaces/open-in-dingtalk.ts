import { openChatByConversationId$ } from 'dingtalk-jsapi/api/union/openChatByConversationId'
import 'dingtalk-jsapi/entry/union'
import { ddSdk } from 'dingtalk-jsapi/lib/ddSdk'
import { api } from '../../kernel/services.ts'

const TIMEOUT_MS = 8_000

/** `dd.config` may be called once in the life of a page. */
let configured: Promise<void> | null = null

async function configure(): Promise<void> {
  const values = await api.pageSignature('dingtalk')
  ddSdk.getExportSdk().config({ ...values, jsApiList: ['openChatByConversationId'] })
}

/**
 * Shows a group in DingTalk's client (`dd.openChatByConversationId`, vendor page "JSAPI": signed, members only). False when the client refused or
 * never answered: its calls do not settle without the native bridge.
 */
export async function openInDingtalk(openConversationId: string): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<false>(resolve => {
    timer = setTimeout(resolve, TIMEOUT_MS, false)
  })
  configured ??= configure()
  const opened = configured
    .then(() => openChatByConversationId$({ openConversationId }))
    .then(
      () => true,
      () => false,
    )
  // Without a signature there was no `dd.config` yet: the next press asks anew.
  configured.catch(() => {
    configured = null
  })
  try {
    return await Promise.race([opened, late])
  } finally {
    clearTimeout(timer)
  }
}
