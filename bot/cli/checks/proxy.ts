import { openTunnel, ProxyFailure } from '../../channels/index.ts'
import type { Config } from '../../config.ts'
import { bad, type Finding, ok } from './finding.ts'

/** Does the forward proxy make a tunnel to every platform address that is set? Nothing is sent through it. */
export async function checkProxy({ outboundProxy, wecom, dingtalk }: Config): Promise<Finding[]> {
  if (!outboundProxy) return []
  const proxy = new URL(outboundProxy)
  const bases = [wecom?.apiBase, dingtalk?.apiBase, dingtalk?.oapiBase].filter(base => base !== undefined)
  const targets = new Map(bases.map(base => [new URL(base).host, new URL(base)]))
  return Promise.all([...targets.values()].map(target => tunnelTo(proxy, target)))
}

async function tunnelTo(proxy: URL, { protocol, hostname, port, host }: URL): Promise<Finding> {
  try {
    const socket = await openTunnel(proxy, hostname, Number(port) || (protocol === 'https:' ? 443 : 80))
    socket.destroy()
    return ok(`代理 ${proxy.host} 可以连到 ${host}`)
  } catch (error) {
    const status = error instanceof ProxyFailure ? error.status : undefined
    if (status === undefined) return bad(`代理 ${proxy.host} 没有回答`, '检查 OUTBOUND_PROXY 的地址和端口,以及代理是否在运行。')
    if (status === 407)
      return bad(`代理 ${proxy.host} 要求登录(HTTP 407)`, '在 OUTBOUND_PROXY 里写上用户和密码:http://用户:密码@地址:端口。')
    return bad(`代理 ${proxy.host} 不让连到 ${host}(HTTP ${status})`, `请管理代理的同事放行 ${host}。`)
  }
}
