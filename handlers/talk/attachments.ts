import { z } from 'zod'
import type { FileRef } from '../../common/contract/files.ts'
import { PlatformRefused } from '../../common/errors.ts'
import type { InboundEvent } from '../../common/inbound.ts'
import { cleanName } from '../../common/names.ts'
import { type Reply, say } from '../kernel/reply.ts'
import type { Turn } from '../kernel/turn.ts'
import type { DraftKinds } from './draft-kinds.ts'
import { currentDraft, draftReminder, draftSubject } from './drafts.ts'

type FileEvent = Extract<InboundEvent, { type: 'file' }>

/** As many as a form takes. */
const MOST_FILES = 9

const NOUNS: Readonly<Record<FileEvent['kind'], string>> = { image: '图片', file: '文件', video: '视频', voice: '语音' }

const files = z.array(z.object({ id: z.string(), name: z.string(), sizeBytes: z.number(), type: z.string() }))

/** The attachments that a draft keeps as JSON text; anything else counts as none. */
export function readAttachments(text: string | undefined): FileRef[] {
  try {
    return files.safeParse(JSON.parse(text || '[]')).data ?? []
  } catch {
    return []
  }
}

/** `2 个`, or nothing when there are none. */
export const attachedWords = (text: string | undefined): string => {
  const count = readAttachments(text).length
  return count === 0 ? '' : `${count} 个`
}

/** A picture or file goes with what is being talked about, if that takes any; else we say what can be done with it. */
export async function attachFile(turn: Turn, kinds: DraftKinds, event: FileEvent): Promise<Reply> {
  const { models, channels } = turn.services
  const draft = await currentDraft(turn)
  const kind = draft && (await kinds.of(turn.services, draft))
  const channel = channels.get(event.platform)
  if (!draft || !kind?.takesFiles || !channel?.fetchMedia || event.kind === 'voice') return say(cannotUse(event.kind))
  const attached = readAttachments(draft.values.attachments)
  if (attached.length >= MOST_FILES) return say(`一份${kind.noun}最多 ${MOST_FILES} 个附件,这个没有附上。`)
  const fetched = await channel.fetchMedia(event.media).catch(error => {
    // A file that is gone or too large stays so; anything else is tried again.
    if (error instanceof PlatformRefused && !error.retryable) return error
    throw error
  })
  if (fetched instanceof PlatformRefused) return say(`${fetched.message}这个${NOUNS[event.kind]}没有附上。(${fetched.code})`)
  const name = cleanName(event.name ?? fetched.name, 120).replace(/[\\/]/g, '_') || NOUNS[event.kind]
  const { ownerId: _, ...file } = await models.files.put({
    id: turn.id('file'),
    name,
    type: fetched.type,
    ownerId: turn.person._id,
    bytes: fetched.bytes,
  })
  const all = [...attached.filter(({ id }) => id !== file.id), file]
  const values = { ...draft.values, attachments: JSON.stringify(all) }
  const changed = await models.talk.change(draft._id, draft.revision, { values }, new Date(turn.now))
  if (!changed) return say(`这份${kind.noun}刚刚在别处改过,${NOUNS[event.kind]}没有附上,请再发一次。`)
  await models.cards.touch(draftSubject(draft._id), new Date(turn.now))
  turn.services.poke('cards')
  const reminder = await draftReminder(turn, kinds)
  return say([`已附上 ${name}(这份${kind.noun}共 ${all.length} 个附件)。`, reminder].filter(Boolean).join('\n'))
}

const cannotUse = (kind: FileEvent['kind']): string =>
  kind === 'voice'
    ? '目前只能看懂文字消息,这条语音没有转成文字。可以用键盘上的语音输入,或直接打字。'
    : `收到${NOUNS[kind]},现在没有可以附上它的内容。要作为合同附件:先发送 提交合同 客户 标题 类型 金额,再发${NOUNS[kind]}。`
