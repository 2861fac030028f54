import { AppError } from '../../common/errors.ts'
import { sha256 } from '../../common/ids.ts'
import type { Services } from '../kernel/services.ts'
import { stepViews } from '../projects/index.ts'

export interface ProgressStep {
  name: string
  state: 'done' | 'now' | 'coming' | 'stopped'
  /** Planned days, in milliseconds at local midnight; absent for the approval. */
  plannedStart?: number
  plannedEnd?: number
  doneAt?: number
}

/** All that a customer's page may show. Nothing else reaches it. */
export interface ProgressPage {
  companyName: string
  contracts: {
    title: string
    status: string
    ownerName: string
    steps: ProgressStep[]
  }[]
  now: number
}

/** A token of ours is 43 characters of base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Expired, revoked, cut or guessed: the page does not say which. */
export const shareGone = (): AppError =>
  new AppError('share.gone', '这个链接已失效。如需查看最新进度,请联系您的客户经理重新获取。', { status: 410 })

/**
 * What the customer behind a link sees. The approval is one step; its nodes and people are not read into the page.
 * @throws AppError `share.gone` (410)
 */
export async function progressPage(services: Services, token: string): Promise<ProgressPage> {
  if (!TOKEN.test(token)) throw shareGone()
  const { models } = services
  const now = services.clock.now()
  const digest = sha256(token)
  const share = await models.shares.byDigest(digest)
  if (!share || share.revokedAt || share.expiresAt.getTime() <= now) throw shareGone()
  const [contracts, organisation, companyName] = await Promise.all([
    models.contracts.ofCustomer(share.customerId),
    services.organisation.current(),
    services.companyName(),
  ])
  const shown = contracts.filter(contract => contract.status !== '已撤回')
  const projects = await models.projects.ofContracts(shown.map(contract => contract._id))
  await models.shares.countView(digest, new Date(now))
  return {
    companyName,
    now,
    contracts: shown.map(contract => {
      const project = projects.find(candidate => candidate.contractId === contract._id)
      const steps = project ? stepViews(project) : []
      return {
        title: contract.title,
        status: customerStatus(contract.status, steps),
        ownerName: organisation.name(contract.ownerId),
        steps: [
          approvalStep(contract),
          ...steps.map(({ id: _, doneAt, ...step }) => ({ ...step, ...(doneAt !== null && { doneAt }) })),
        ],
      }
    }),
  }
}

function approvalStep(contract: { status: string; finishedAt?: Date }): ProgressStep {
  const state = contract.status === '已通过' ? 'done' : contract.status === '已拒绝' ? 'stopped' : 'now'
  return { name: '合同审批', state, ...(state === 'done' && contract.finishedAt && { doneAt: contract.finishedAt.getTime() }) }
}

function customerStatus(status: string, steps: readonly { state: string }[]): string {
  if (status === '已拒绝') return '已终止'
  if (status !== '已通过') return '合同审批中'
  return steps.some(step => step.state !== 'done') ? '交付中' : '已完成'
}
