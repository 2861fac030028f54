import { type ProcessPublished, processDraftInput, processPublishInput } from '../../common/contract/processes.ts'
import { AppError } from '../../common/errors.ts'
import { processId } from '../../models/processes/index.ts'
import { defineCommand } from '../kernel/command.ts'
import { checkDraft, requireSound } from './check.ts'

/** The version that a draft will have: the one after the newest, or the draft that is there. */
const nextVersion = (newest: { version: number; state: string } | null): number =>
  newest === null ? 1 : newest.state === 'draft' ? newest.version : newest.version + 1

/** Keep a definition that is being worked on; it may have faults, for it is not in use. */
export const saveProcessDraft = defineCommand({
  name: 'processes.saveDraft',
  title: '保存流程草稿',
  input: processDraftInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services, actor, now }, { definition: raw }, session) {
    const { definition, faults } = await checkDraft(services, raw)
    if (!definition) throw new AppError('process.malformed', '流程内容不完整,没有保存。', { details: { faults } })
    const { processes } = services.models
    const version = nextVersion(await processes.newest(definition.key))
    await processes.saveDraft(
      {
        _id: processId(definition.key, version),
        key: definition.key,
        version,
        name: definition.name,
        state: 'draft',
        definition: { ...definition, version },
        savedAt: new Date(now),
        savedById: actor.personId,
      },
      { session },
    )
    return { result: { key: definition.key, version, faults }, subject: `process:${definition.key}` }
  },
})

/** 发布: new cases begin with it; running ones stay on theirs. @throws `process.faulty` with every fault and its path */
export const publishProcess = defineCommand({
  name: 'processes.publish',
  title: '发布流程',
  input: processPublishInput,
  surfaces: ['admin'],
  kind: 'transaction',
  async run({ services, actor, now }, { definition: raw }, session) {
    const sound = await requireSound(services, raw)
    const { processes } = services.models
    const version = nextVersion(await processes.newest(sound.key))
    const at = new Date(now)
    await processes.publish(
      {
        _id: processId(sound.key, version),
        key: sound.key,
        version,
        name: sound.name,
        state: 'published',
        definition: { ...sound, version },
        savedAt: at,
        savedById: actor.personId,
        publishedAt: at,
        publishedById: actor.personId,
      },
      { session },
    )
    const result: ProcessPublished = {
      key: sound.key,
      version,
      message: `${sound.name} 第 ${version} 版已发布,新的申请从现在起用它。`,
    }
    return { result, subject: `process:${sound.key}` }
  },
})
