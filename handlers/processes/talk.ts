import type { ProcessMeasureView, ProcessPace } from '../../common/contract/processes.ts'
import { foldName } from '../../common/names.ts'
import { formatWorking } from '../../common/working-span.ts'
import { routes } from '../kernel/links.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import type { IntentOf } from '../talk/understand/index.ts'
import { processesPace, processMeasure } from './measure.ts'

const MAX_LINES = 8

const percent = (share: number): string => `${Math.round(share * 100)}%`

/** 流程用时 [流程]: all of them at a glance, or one step by step. */
export async function tellPace(turn: Turn, { process }: IntentOf<'process.pace'>): Promise<Reply> {
  const { services, viewer, now } = turn
  const { items } = await processesPace.run({ services, viewer, now }, {})
  const link = services.links.h5(routes.pace)
  const whose = viewer.isAdmin ? '全公司' : viewer.subtreePersonIds.length > 1 ? '您和下属发起' : '您发起'
  if (items.length === 0) return say(`还没有结束的审批(${whose}),有了以后这里会说明每个流程用了多久。`)
  const named = items.filter(item => foldName(item.name).includes(foldName(process ?? '')))
  const [only] = named
  if (process && !only) return say(`"${process.slice(0, 20)}"还没有结束的审批。有的是:${items.map(item => item.name).join('、')}`)
  if (only && named.length === 1) {
    const measure = await processMeasure.run({ services, viewer, now }, { key: only.key, lastCases: 200 })
    return say([`${only.name}(${whose},最近结束的 ${measure.cases} 个):`, ...stepLines(measure), `详情:${link}`].join('\n'))
  }
  const lines = named.slice(0, MAX_LINES).map(item => `· ${item.name} ${item.cases} 个:${summary(item)}`)
  return say(
    `流程用时(${whose}、最近结束的,按工作时间):\n${lines.join('\n')}\n回复"流程用时 ${items[0]?.name ?? ''}"看每一步。全部:${link}`,
  )
}

function summary({
  workingSeconds,
  targetWorkingSeconds,
  withinTargetShare,
  handOffs,
  bottleneck,
}: Omit<ProcessPace, 'key' | 'name'>): string {
  return [
    `平均 ${formatWorking(workingSeconds)}`,
    targetWorkingSeconds !== null && `目标 ${formatWorking(targetWorkingSeconds)},达成 ${percent(withinTargetShare ?? 0)}`,
    `交接 ${handOffs.toFixed(1)} 次`,
    bottleneck && `最慢 ${bottleneck.name} ${percent(bottleneck.shareOfTime)}`,
  ]
    .filter(Boolean)
    .join(';')
}

const stepLines = (measure: ProcessMeasureView): string[] => [
  summary(measure),
  ...measure.nodes.map(({ name, workingSeconds, overdueShare }) =>
    [`· ${name} 平均 ${formatWorking(workingSeconds)}`, overdueShare !== null && `超时 ${percent(overdueShare)}`]
      .filter(Boolean)
      .join(','),
  ),
]
