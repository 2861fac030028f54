import { randomBytes } from 'node:crypto'
import { decrypt, encrypt, getSignature } from '@wecom/crypto'
import type { Config, DingTalkSettings, WeComSettings } from '../../config.ts'
import { bad, type Finding, ok, warn } from './finding.ts'

const FETCH_LIMIT_MS = 5_000
const LOCAL = /^(localhost|127\.|\[::1\]|0\.0\.0\.0)/

/** Can people and platforms reach the address that links are made of, and does the callback there know our keys? */
export async function checkAddress(config: Config, now: () => number): Promise<Finding[]> {
  if (!config.wecom && !config.dingtalk) return []
  const base = config.publicUrl ?? `http://localhost:${config.port}`
  const url = new URL(base)
  const findings: Finding[] = []
  if (!config.publicUrl || LOCAL.test(url.host)) {
    findings.push(bad(`链接以 ${base} 开头,手机打不开`, '把 PUBLIC_URL 设为手机能访问的 https 地址。'))
  } else if (url.protocol !== 'https:') {
    findings.push(warn(`PUBLIC_URL 不是 https:${base}`, '企业微信和钉钉的手机页面需要 https 和可信域名。'))
  } else findings.push(ok(`PUBLIC_URL:${base}`))

  if (!(await isAlive(base))) {
    const next = '先启动服务;已启动则检查反向代理是否把这个地址转给它。'
    return [...findings, warn(`${base}/healthz 没有回答`, next)]
  }
  if (config.wecom) findings.push(await verifyCallback(base, config.wecom, now))
  if (config.dingtalk?.events) findings.push(await verifyEvents(base, config.dingtalk, config.dingtalk.events, now))
  return findings
}

async function isAlive(base: string): Promise<boolean> {
  try {
    const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) })
    return response.ok
  } catch {
    return false
  }
}

/** What WeCom does when the callback address is saved (page "接收消息与事件", 验证URL有效性). */
async function verifyCallback(base: string, wecom: WeComSettings, now: () => number): Promise<Finding> {
  const echo = randomBytes(8).readBigUInt64BE().toString()
  const echostr = encrypt(wecom.encodingAesKey, echo, wecom.corpId)
  const timestamp = String(Math.floor(now() / 1000))
  const nonce = randomBytes(5).toString('hex')
  const signature = getSignature(wecom.token, timestamp, nonce, echostr)
  const query = new URLSearchParams({ msg_signature: signature, timestamp, nonce, echostr })
  const address = `${base}/callbacks/wecom`
  try {
    const response = await fetch(`${address}?${query}`, { signal: AbortSignal.timeout(FETCH_LIMIT_MS), redirect: 'manual' })
    if ((await response.text()) === echo) return ok(`企业微信回调地址可用:${address}`)
    return bad(
      `企业微信回调地址的回答不对(HTTP ${response.status})`,
      '运行中的服务与这里的 WECOM_TOKEN、WECOM_ENCODING_AES_KEY、WECOM_CORP_ID 要一致;反向代理不能改动查询参数。',
    )
  } catch {
    return bad(`企业微信回调地址没有回答:${address}`, '检查反向代理是否转发 /callbacks/wecom。')
  }
}

/** What DingTalk does when the address of events is saved (page "事件订阅", HTTP 推送). */
async function verifyEvents(
  base: string,
  { clientId }: DingTalkSettings,
  { token, aesKey }: NonNullable<DingTalkSettings['events']>,
  now: () => number,
): Promise<Finding> {
  const address = `${base}/callbacks/dingtalk`
  const sealed = encrypt(aesKey, JSON.stringify({ EventType: 'check_url' }), clientId)
  const timestamp = String(now())
  const nonce = randomBytes(5).toString('hex')
  const query = new URLSearchParams({ msg_signature: getSignature(token, timestamp, nonce, sealed), timestamp, nonce })
  try {
    const response = await fetch(`${address}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ encrypt: sealed }),
      signal: AbortSignal.timeout(FETCH_LIMIT_MS),
      redirect: 'manual',
    })
    const answer = (await response.json().catch(() => ({}))) as { encrypt?: unknown }
    const said = typeof answer.encrypt === 'string' ? decrypt(aesKey, answer.encrypt).message : null
    if (said === 'success') return ok(`钉钉事件推送地址可用:${address}`)
    return bad(
      `钉钉事件推送地址的回答不对(HTTP ${response.status})`,
      '运行中的服务与这里的 DINGTALK_EVENT_TOKEN、DINGTALK_EVENT_AES_KEY、DINGTALK_CLIENT_ID 要一致;改过设置要重启服务。',
    )
  } catch {
    return bad(`钉钉事件推送地址没有回答:${address}`, '检查反向代理是否转发 /callbacks/dingtalk。')
  }
}
