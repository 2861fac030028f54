import Router from '@koa/router'
import { asAppError } from '../../common/errors.ts'
import type { LocalTime } from '../../common/time.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import { type ProgressPage, type ProgressStep, progressPage } from '../../handlers/portal/index.ts'
import { escapeHtml, plainPage } from './page.ts'

const DAY_MS = 86_400_000

const STYLE = `.big{font-size:20px;font-weight:600;margin:0 0 4px}.done{color:var(--good)}.now{color:var(--accent)}.stopped{color:var(--over)}
ol{list-style:none;margin:16px 0 0;padding:0}li{display:grid;grid-template-columns:24px 1fr auto;gap:0 8px;align-items:start;padding:8px 0;border-top:1px solid var(--line)}
li .dot{width:14px;height:14px;margin:5px;border-radius:50%;border:2px solid var(--over)}li.done .dot{background:var(--good);border-color:var(--good)}li.now .dot{border-color:var(--accent);border-width:4px}
li span{color:var(--text)}li time{color:var(--soft);font-size:14px;text-align:right}
.gantt{position:relative;margin-top:16px;padding-top:22px}.row{display:flex;height:34px;border-top:1px solid var(--line)}.row b{flex:0 0 76px;padding-right:6px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:12px;font-weight:500;line-height:34px}
.track{position:relative;flex:1}.days{position:absolute;inset:0 0 0 76px}.bar{position:absolute;top:7px;height:20px;min-width:4px;border-radius:4px;background:var(--over);opacity:.45}
.bar.done{background:var(--good);opacity:.9}.bar.now{background:var(--accent);opacity:.9}
.today{position:absolute;top:0;bottom:0;border-left:2px dashed var(--wait)}.today i{position:absolute;left:4px;top:0;font-size:12px;font-style:normal;line-height:18px;color:var(--wait);white-space:nowrap}.today.late i{left:auto;right:4px}
@media print{body{background:#fff}}`

const stepLine = (step: ProgressStep, time: LocalTime, now: number): string => {
  const when = step.doneAt
    ? `${time.date(step.doneAt, now)} 完成`
    : step.state === 'now' && step.plannedEnd
      ? `预计 ${time.date(step.plannedEnd, now)}`
      : step.plannedStart && step.plannedEnd
        ? `${time.date(step.plannedStart, now)} 至 ${time.date(step.plannedEnd, now)}`
        : step.state === 'now'
          ? '进行中'
          : ''
  return `<li class="${step.state}"${step.state === 'now' ? ' aria-current="step"' : ''}><i class="dot" aria-hidden="true"></i><span>${escapeHtml(step.name)}</span><time>${when}</time></li>`
}

/** Bars over days, in parts of the width: the whole plan and today are on the screen, however narrow. */
function gantt(steps: readonly ProgressStep[], time: LocalTime, now: number): string {
  const planned = steps.flatMap(step =>
    step.plannedStart !== undefined && step.plannedEnd !== undefined
      ? [{ ...step, from: step.plannedStart, to: step.plannedEnd + DAY_MS }]
      : [],
  )
  const [first] = planned
  if (!first) return ''
  const today = time.startOfDay(now)
  const from = Math.min(today, ...planned.map(step => step.from))
  const to = Math.max(today + DAY_MS, ...planned.map(step => step.to))
  const share = (ms: number): number => Math.round((ms / (to - from)) * 1000) / 10
  const rows = planned
    .map(
      step =>
        `<div class="row"><b>${escapeHtml(step.name)}</b><span class="track"><i class="bar ${step.state}" style="left:${share(step.from - from)}%;width:${share(step.to - step.from)}%"></i></span></div>`,
    )
    .join('')
  const at = share(now - from)
  const mark = `<div class="days"><div class="today${at > 50 ? ' late' : ''}" style="left:${at}%"><i>今天 ${time.date(now, now)}</i></div></div>`
  return `<div class="gantt" role="img" aria-label="项目计划甘特图">${rows}${mark}</div>`
}

function contractCard(contract: ProgressPage['contracts'][number], time: LocalTime, now: number): string {
  const at = contract.steps.findIndex(step => step.state !== 'done')
  const current = at === -1 ? contract.steps.length : at + 1
  const name = contract.steps[at]?.name
  const big =
    contract.status === '已终止'
      ? '已终止'
      : name
        ? `第 ${current} 步 / 共 ${contract.steps.length} 步 · ${name}`
        : contract.status
  const status = big === contract.status ? '' : `${escapeHtml(contract.status)} · `
  const end = contract.steps.at(-1)?.plannedEnd
  const due = end && contract.status === '交付中' ? `<p class="soft">预计完成 ${time.date(end, now)}</p>` : ''
  return `<section class="card"><h2 style="font-size:16px;margin:0 0 8px">${escapeHtml(contract.title)}</h2><p class="big">${escapeHtml(big)}</p><p class="soft">${status}客户经理 ${escapeHtml(contract.ownerName)}</p>${due}${gantt(contract.steps, time, now)}<ol>${contract.steps.map(step => stepLine(step, time, now)).join('')}</ol></section>`
}

export function progressHtml(page: ProgressPage, time: LocalTime): string {
  const html =
    page.contracts.length > 0
      ? page.contracts.map(contract => contractCard(contract, time, page.now)).join('')
      : '<section class="card"><p>目前还没有可以展示的项目。有了进展会显示在这里。</p></section>'
  return plainPage({ title: `${page.companyName} · 项目进度`, html, style: STYLE })
}

/** `/s/:token`: the customer's page, rendered here and readable without script. Opening it decides nothing. */
export function shareRoutes(services: Services): Router {
  const router = new Router()
  router.get('/s/:token', async ctx => {
    ctx.set('x-robots-tag', 'noindex')
    ctx.set('cache-control', 'no-store')
    ctx.set('referrer-policy', 'no-referrer')
    ctx.type = 'html'
    try {
      ctx.body = progressHtml(await progressPage(services, String(ctx.params.token)), services.time)
    } catch (error) {
      const failure = asAppError(error)
      if (failure.code !== 'share.gone') throw error
      ctx.status = 410
      ctx.body = plainPage({ title: '链接已失效', text: failure.message })
    }
  })
  return router
}
