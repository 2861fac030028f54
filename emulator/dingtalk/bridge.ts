import { createHash } from 'node:crypto'

/** What the bridge needs of the emulated platform. */
export interface BridgePlatform {
  readonly corpId: string
  readonly clientId: string
  readonly agentId: string | undefined
  requestAuthCode(userId: string): string
  jsTicket(): string | undefined
}

interface BridgeAnswer {
  errorCode: string
  errorMessage?: string
  result?: unknown
}

/** The object that DingTalk's iOS client puts into a page as `WebViewJavascriptBridge`; the vendor's `dingtalk-jsapi` speaks to it. */
export interface Bridge {
  userAgent: string
  /** APIs that the page may call after a `dd.config` that was accepted. */
  granted: readonly string[]
  init(handler: unknown): void
  registerHandler(name: string, handler: unknown): void
  callHandler(name: string, params: Record<string, unknown>, answer: (given: BridgeAnswer) => void): void
}

const HASHES = { 64: 'sha256', 40: 'sha1' } as const

/**
 * The native half of the client, held by one person who has one page open (vendor pages jsapi-request-auth-code, JSAPI鉴权). It gives login codes to the
 * organisation's own app, and takes a signature only for the address that the page really has.
 */
export function createBridge(platform: BridgePlatform, holder: { userId: string; pageUrl: string }): Bridge {
  const granted: string[] = []
  const refused = (errorCode: string, errorMessage: string): BridgeAnswer => ({ errorCode, errorMessage })

  function authCode({ corpId, clientId }: Record<string, unknown>): BridgeAnswer {
    if (corpId !== platform.corpId || (clientId !== undefined && clientId !== platform.clientId))
      return refused('7', 'no permission')
    return { errorCode: '0', result: { code: platform.requestAuthCode(holder.userId) } }
  }

  function configured({ agentId, corpId, timeStamp, nonceStr, signature, jsApiList }: Record<string, unknown>): BridgeAnswer {
    const [url] = holder.pageUrl.split('#', 1)
    const signed = `jsapi_ticket=${platform.jsTicket()}&noncestr=${nonceStr}&timestamp=${timeStamp}&url=${url}`
    const hash = HASHES[String(signature).length as keyof typeof HASHES]
    const isRight = hash !== undefined && createHash(hash).update(signed).digest('hex') === signature
    if (corpId !== platform.corpId || agentId !== platform.agentId || !isRight) return refused('52013', 'signature is not right')
    granted.push(...(jsApiList as string[]))
    return { errorCode: '0', result: {} }
  }

  const handlers: Record<string, (params: Record<string, unknown>) => BridgeAnswer> = {
    'runtime.permission.requestAuthCodeV2': authCode,
    'runtime.permission.requestAuthCode': authCode,
    'runtime.permission.requestJsApis': configured,
  }
  return {
    userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 AliApp(DingTalk/7.6.0)',
    granted,
    init: () => undefined,
    registerHandler: () => undefined,
    callHandler(name, params, answer) {
      const handler = handlers[name]
      queueMicrotask(() => answer(handler ? handler(params) : refused('1', `no such API: ${name}`)))
    },
  }
}
