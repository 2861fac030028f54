import { dingtalkCoverage } from './dingtalk/coverage.ts'
import type { Covered } from './kernel/covered.ts'
import { wecomCoverage } from './wecom/coverage.ts'

/** What the emulators play, by platform. */
export const COVERAGE: Readonly<Record<'dingtalk' | 'wecom', readonly Covered[]>> = {
  dingtalk: dingtalkCoverage,
  wecom: wecomCoverage,
}

const TITLES = { dingtalk: '钉钉', wecom: '企业微信' } as const

const cell = (text: string): string => text.replace(/\|/g, '\\|')

/** The text of `emulator/COVERAGE.md`. */
export function coveragePage(): string {
  const parts = (Object.keys(COVERAGE) as (keyof typeof COVERAGE)[]).map(platform => {
    const rows = COVERAGE[platform].map(({ section, plays, calls = [], lacks, judgedBy }) =>
      [section, plays, calls.map(call => `\`${call}\``).join('<br>'), lacks ?? '', judgedBy.join('<br>')].map(cell).join(' | '),
    )
    return `## ${TITLES[platform]}\n\n| 章节 | 模拟了什么 | 接口 | 没有模拟的 | 由谁检验 |\n|---|---|---|---|---|\n${rows.map(row => `| ${row} |`).join('\n')}\n`
  })
  return `# 模拟平台覆盖了什么\n\n本文件由 \`node --import tsx emulator/write-coverage.ts\` 从代码里的表生成,测试会核对:每个接口都在表里,每个检验它的测试都存在。\n\n${parts.join('\n')}`
}
