import type { ContractType } from '../../common/contract/contracts.ts'
import type { LocalTime } from '../../common/time.ts'
import type { ProjectStep } from '../../models/projects/index.ts'

/** Delivery steps by contract type, with their planned length in calendar days. */
const TEMPLATES: Readonly<Record<ContractType, readonly { name: string; days: number }[]>> = {
  专线: [
    { name: '资源勘察', days: 5 },
    { name: '设备采购', days: 7 },
    { name: '线路施工', days: 10 },
    { name: '设备调测', days: 4 },
    { name: '开通验收', days: 3 },
  ],
  集成: [
    { name: '项目启动', days: 3 },
    { name: '方案设计', days: 10 },
    { name: '设备采购', days: 14 },
    { name: '现场实施', days: 20 },
    { name: '联调测试', days: 7 },
    { name: '竣工验收', days: 5 },
  ],
  其他: [
    { name: '项目启动', days: 3 },
    { name: '交付实施', days: 14 },
    { name: '客户验收', days: 3 },
  ],
}

/** The plan of an approved contract: one step after the other, from the day after approval. */
export function projectSteps(type: ContractType, approvedAt: number, time: LocalTime): ProjectStep[] {
  let start = time.addDays(approvedAt, 1)
  return TEMPLATES[type].map(({ name, days }, index) => {
    const plannedStart = new Date(start)
    const plannedEnd = new Date(time.addDays(start, days - 1))
    start = time.addDays(start, days)
    return { id: `s${index + 1}`, name, plannedStart, plannedEnd, doneAt: null }
  })
}
