import type { Clock } from '../../../../common/clock.ts'
import type { InboundSink } from '../../../../handlers/kernel/ports.ts'
import type { ChannelLog } from '../../shared/index.ts'
import { CLICK_WAIT_MS, clickAnswer } from '../click-answer.ts'
import { type DingTalkApp, parseJson, readCardCallback, readEvent, readRobotMessage } from '../inbound.ts'

/** A frame as the stream delivers it; `data` is JSON text. */
export interface StreamFrame {
  headers: {
    messageId: string
    time?: string
    eventType?: string
    eventId?: string
    eventCorpId?: string
    eventBornTime?: string
  }
  data: string
}

/** What a frame is acknowledged with; `handed` hears whether that could be sent. */
export interface FrameAnswer {
  body: Record<string, unknown>
  handed?: (sent: boolean) => void
}

/** Resolves to the acknowledgement; null: none, so that the frame may come again. */
export type FrameHandler = (frame: StreamFrame) => Promise<FrameAnswer | null>

const TAKEN: FrameAnswer = { body: {} }

export interface FrameHandlers {
  robotMessage: FrameHandler
  cardCallback: FrameHandler
  /** Null asks the platform for another delivery. */
  event: FrameHandler
}

export interface FrameDeps {
  clock: Clock
  log: ChannelLog
  sink: InboundSink
}

/**
 * What is done with frames. A message is stored first and acknowledged then: losing it is worse than seeing it twice, and a
 * repetition stops at its key.
 */
export function createFrameHandlers(app: DingTalkApp, { clock, log, sink }: FrameDeps): FrameHandlers {
  const owner = { platform: 'dingtalk', ...app }

  const quarantine = async (reason: string, body: string): Promise<FrameAnswer> => {
    log.warn({ code: reason, app: app.app }, 'stream frame quarantined')
    await sink.quarantine({ ...owner, reason, body })
    return TAKEN
  }

  const stored = (work: FrameHandler): FrameHandler => {
    return async frame => {
      try {
        return await work(frame)
      } catch (error) {
        log.error({ code: 'dingtalk.not_stored', app: app.app, err: error }, 'stream frame could not be stored')
        return null
      }
    }
  }

  return {
    robotMessage: stored(async frame => {
      const reading = readRobotMessage(parseJson(frame.data), app)
      if (reading.kind === 'unreadable') return quarantine(reading.reason, frame.data)
      if (reading.kind === 'deliveries') for (const delivery of reading.deliveries) await sink.accept(delivery)
      return TAKEN
    }),

    cardCallback: stored(async frame => {
      const at = Number(frame.headers.time) || clock.now()
      const reading = readCardCallback(parseJson(frame.data), app, { deliveryId: frame.headers.messageId, at })
      if (reading.kind === 'unreadable') return quarantine(reading.reason, frame.data)
      const [click] = reading.kind === 'deliveries' ? reading.deliveries : []
      if (!click) return TAKEN
      const { card, confirm } = await sink.accept(click, { waitMs: CLICK_WAIT_MS, confirms: true })
      return { body: clickAnswer(card), ...(confirm && { handed: confirm }) }
    }),

    event: stored(async ({ headers, data }) => {
      const { eventType = '', eventId = headers.messageId, eventCorpId } = headers
      const at = Number(headers.eventBornTime) || clock.now()
      const reading = readEvent(parseJson(data), app, { eventType, eventId, eventCorpId, at })
      if (reading.kind === 'unreadable') return quarantine(reading.reason, data)
      if (reading.kind === 'deliveries') for (const delivery of reading.deliveries) await sink.accept(delivery)
      return TAKEN
    }),
  }
}
