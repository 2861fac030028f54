import { z } from 'zod'
import type { PersonRef } from './people.ts'

const key = z.string().min(1).max(60)
/** A definition as somebody wrote it; what is wrong with it is told fault by fault. */
const definition = z.record(z.string(), z.unknown())

/** `processes.list`: every version, the newest of each process first. */
export interface ProcessVersionRow {
  key: string
  version: number
  name: string
  /** `published`: for new cases. `retired`: only running cases stay on it. */
  state: 'draft' | 'published' | 'retired'
  publishedAt?: number
  publishedBy?: PersonRef
  /** Cases that run on this version. */
  running: number
}

/** `processes.get`: one version as data. */
export const processGetInput = z.object({ key, version: z.number().int().min(1) })

/** `processes.check`, `processes.rehearse` take a definition that is not published. */
export const processCheckInput = z.object({ definition })

/** What is wrong, and where: `nodes.2.branches.0.when.value`. */
export interface FaultView {
  path: string
  code: string
  message: string
}

/** `processes.saveDraft`: faults are allowed, it is not in use. */
export const processDraftInput = z.object({ definition })

/** `processes.publish`: becomes the next version of its key. @throws `process.faulty` with every fault */
export const processPublishInput = z.object({ definition })

export interface ProcessPublished {
  key: string
  version: number
  message: string
}

/** `processes.rehearse`: run a draft over the last finished cases without touching them. */
export const processRehearseInput = z.object({ definition, lastCases: z.number().int().min(1).max(500).default(50) })

export interface RehearsalView {
  cases: {
    caseId: string
    number: string
    /** Whom it would meet, in order. */
    steps: { name: string; people: PersonRef[] }[]
    /** Steps it did not meet then, and those it met then and would not meet now. */
    added: string[]
    removed: string[]
    /** Why it would come to stand still. */
    stop?: string
  }[]
  /** Cases that would go another way. */
  different: number
  /** Nodes that no case came to. */
  dead: { nodeId: string; name: string }[]
  /** Steps for which nobody was found in some case. */
  nobody: { nodeId: string; name: string; count: number }[]
}

/**
 * `processes.migrate`: with `apply: false` only the report. Without `caseIds`: all running cases of other versions, 200 at a time.
 * `nodes`: where cases that wait at a node of their version go on in the new one; a node that is not named keeps its id.
 */
export const processMigrateInput = z.object({
  key,
  toVersion: z.number().int().min(1),
  caseIds: z.array(z.string().min(1).max(100)).max(200).optional(),
  nodes: z.record(z.string().max(60), z.string().max(60)).default({}),
  apply: z.boolean().default(false),
})

export interface MigrationRow {
  caseId: string
  number: string
  from: number
  to: number
  /** What becomes different for it. */
  changes: string[]
  /** Why it cannot be moved. */
  blocked: string[]
  moved: boolean
}

export interface MigrationResult {
  items: MigrationRow[]
  applied: boolean
  message: string
}

/**
 * `processes.measure`: what the last finished cases of a process took, for an admin all of them, for anybody else those that they or
 * people below them submitted. Times are means; working time is the company's.
 */
export const processMeasureInput = z.object({ key, lastCases: z.number().int().min(1).max(1000).default(200) })

export interface ProcessMeasureView {
  cases: number
  workingSeconds: number
  waitMs: number
  handOffs: number
  targetWorkingSeconds: number | null
  /** Share of cases that ended within the target; null without one. */
  withinTargetShare: number | null
  nodes: {
    nodeId: string
    name: string
    count: number
    waitMs: number
    workingSeconds: number
    /** Share that took longer than the node's limit; null without one. */
    overdueShare: number | null
  }[]
  bottleneck: { nodeId: string; name: string; shareOfTime: number } | null
}

/** `processes.pace`: the same for every process with finished cases, without its nodes. */
export type ProcessPace = { key: string; name: string } & Omit<ProcessMeasureView, 'nodes'>
