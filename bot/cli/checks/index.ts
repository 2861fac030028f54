import { type Config, ConfigError, parseConfig } from '../../config.ts'
import { checkAddress } from './address.ts'
import { bad, type Finding, ok, warn } from './finding.ts'
import { checkPlatforms } from './platforms.ts'
import { checkStore } from './store.ts'
import { checkCallbacksArrive } from './wecom.ts'

export type { Finding } from './finding.ts'

/** Oldest Node that the service runs on. */
const OLDEST_NODE = [20, 19] as const

/** Everything that can be looked at before (or while) the service runs. Writes nothing and sends nothing to anybody. */
export async function diagnose(env: Readonly<Record<string, string | undefined>>, now: () => number): Promise<Finding[]> {
  let config: Config
  try {
    config = parseConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [checkNode(process.versions.node), bad(`设置有误:${error.message}`, '改好 .env 或环境变量后再运行一次。')]
  }
  const findings = [checkNode(process.versions.node), ok('设置可以读取')]
  if (config.modelHint) findings.push(warn(config.modelHint, '不用模型可以忽略。'))
  findings.push(...(await checkStore(config, now)))
  if (config.demo) findings.push(ok('试用模式:使用模拟的企业微信和钉钉'))
  else if (!config.wecom && !config.dingtalk)
    findings.push(warn('没有接入企业微信或钉钉', '按 README.md 填写 WECOM_* 或 DINGTALK_*。'))
  findings.push(
    ...(await checkPlatforms(config, now)),
    ...(await checkAddress(config, now)),
    ...(await checkCallbacksArrive(config)),
  )
  return findings
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  return isNewEnough ? ok(`Node ${version}`) : bad(`Node ${version} 太旧`, `请安装 Node ${OLDEST_NODE.join('.')} 或更新版本。`)
}
