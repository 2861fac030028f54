import type { Clock } from '../../../../common/clock.ts'
import type { InboundSink } from '../../../../handlers/kernel/ports.ts'
import type { ChannelLog } from '../../shared/index.ts'
import { CLICK_WAIT_MS, clickAnswer } from '../click-answer.ts'
import { type DingTalkApp, parseJson, readCardCallback, readRobotMessage } from '../inbound.ts'

/** A frame as the stream delivers it; `data` is JSON text. */
export interface StreamFrame {
  headers: { messageId: string; time?: string }
  data: string
}

/** Resolves to what the frame is acknowledged with; null: not acknowledged, so that it may come again. */
export type FrameHandler = (frame: StreamFrame) => Promise<Record<string, unknown> | null>

export interface FrameHandlers {
  robotMessage: FrameHandler
  cardCallback: FrameHandler
}

export interface FrameDeps {
  clock: Clock
  log: ChannelLog
  sink: InboundSink
}

/**
 * What is done with the two kinds of frames. A message is stored first and acknowledged then: losing it is worse than seeing it twice, and a
 * repetition stops at its key.
 */
export function createFrameHandlers(app: DingTalkApp, { clock, log, sink }: FrameDeps): FrameHandlers {
  const owner = { platform: 'dingtalk', ...app }

  const quarantine = async (reason: string, body: string) => {
    log.warn({ code: reason, app: app.app }, 'stream frame quarantined')
    await sink.quarantine({ ...owner, reason, body })
    return {}
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
      if (reading.kind === 'delivery') await sink.accept(reading.delivery)
      return {}
    }),

    cardCallback: stored(async frame => {
      const at = Number(frame.headers.time) || clock.now()
      const reading = readCardCallback(parseJson(frame.data), app, { deliveryId: frame.headers.messageId, at })
      if (reading.kind === 'unreadable') return quarantine(reading.reason, frame.data)
      if (reading.kind === 'ignored') return {}
      const { card } = await sink.accept(reading.delivery, { waitMs: CLICK_WAIT_MS })
      return clickAnswer(card)
    }),
  }
}
