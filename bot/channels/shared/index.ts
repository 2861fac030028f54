export {
  ALARM_SHARES,
  billingMonth,
  type CallLedger,
  type CallMeter,
  type CallMeterOptions,
  createCallMeter,
  type Worth,
} from './call-meter.ts'
export { asKoa, type CallbackAnswer, MAX_CALLBACK_BYTES, refusal } from './callback.ts'
export { createOpener, type OpenedMessage } from './cipher.ts'
export { createDownload, type Downloaded, type DownloadedFile, type DownloadRequest } from './download.ts'
export { type FreshnessClocks, isFresh } from './freshness.ts'
export { asNotApplied, createHttpCall, type HttpAnswer, type HttpCall, type HttpRequest } from './http.ts'
export type { ChannelLog } from './log.ts'
export { type Outbound, openTunnel, ProxyFailure, throughProxy } from './outbound.ts'
export { createPacer, mapLimited } from './pool.ts'
export { sendParts } from './send-parts.ts'
export { parseQuery, sameSignature, signatureOf } from './signed-query.ts'
export { splitText } from './split-text.ts'
export { createTokenCache, type FetchedToken, type SharedTokens, type TokenCache } from './token-cache.ts'
