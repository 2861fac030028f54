import { requestAuthCode$ } from 'dingtalk-jsapi/api/union/requestAuthCode'
import 'dingtalk-jsapi/entry/union'
import { Problem } from '../../kernel/problem.ts'

const TIMEOUT_MS = 10_000

/**
 * A login code from DingTalk's client (`dd.requestAuthCode`, page "jsapi-request-auth-code"): single use, five minutes. The call
 * never settles without the native bridge, hence the time-out.
 */
export async function requestDingtalkCode(ids: { corpId: string; clientId: string }): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Problem('server', { code: 'login.dingtalk_silent', message: '钉钉没有回应登录请求,请重试。' })),
      TIMEOUT_MS,
    )
  })
  try {
    const { code } = await Promise.race([requestAuthCode$(ids), late])
    return code
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown
    throw new Problem('server', { code: 'login.dingtalk_refused', message: '钉钉没有同意登录,请重试。' })
  } finally {
    clearTimeout(timer)
  }
}
