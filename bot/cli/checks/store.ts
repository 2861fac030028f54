import { type Config, ConfigError } from '../../config.ts'
import { openDatabase } from '../database.ts'
import { bad, type Finding, ok, warn } from './finding.ts'

/** Larger differences turn `/readyz` red. */
const MAX_SKEW_MS = 1_000

/** Can the database be reached, is it a replica set, and do the clocks agree? */
export async function checkStore(config: Config, now: () => number): Promise<Finding[]> {
  const name = config.mongodbUri ? 'MongoDB' : `内置存储(${config.dataDir})`
  let database: Awaited<ReturnType<typeof openDatabase>>
  try {
    database = await openDatabase(config)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // It can be reached, and what to do stands in the sentence.
    if (error instanceof ConfigError) return [bad(`${name}里的数据不能使用`, why)]
    const next = config.mongodbUri ? '检查 MONGODB_URI、网络和账号权限。' : '检查 DATA_DIR 是否存在、可写。'
    return [bad(`${name}连不上:${why}`, next)]
  }
  try {
    const asked = now()
    const hello = await database.db.admin().command({ hello: 1 })
    const skewMs = hello.localTime instanceof Date ? hello.localTime.getTime() - (asked + now()) / 2 : 0
    const findings = [ok(`${name}可以连接`)]
    if (!hello.setName && hello.msg !== 'isdbgrid') {
      findings.push(bad('MongoDB 不是副本集,不支持事务', '改用副本集或分片集群(单机也可以用一个节点的副本集)。'))
    }
    if (Math.abs(skewMs) > MAX_SKEW_MS) {
      findings.push(warn(`数据库的时钟相差 ${Math.round(skewMs)} 毫秒`, '给服务器开启时间同步(NTP)。'))
    }
    const admins = await database.db.collection('people').countDocuments({ 'assigned.isAdmin': true })
    if (admins === 0 && config.adminUsers.length === 0 && !config.demo) {
      findings.push(warn('还没有管理员', '设置 ADMIN_USERS,或用服务启动时打印的一次性链接。'))
    }
    return findings
  } finally {
    await database.close()
  }
}
