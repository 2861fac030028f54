import { deriveId } from '../../common/ids.ts'
import type { InboundEvent } from '../../common/inbound.ts'
import type { Viewer } from '../../engine/policy/index.ts'
import type { PersonDoc } from '../../models/people/index.ts'
import type { Services } from './services.ts'

/** One thing said or clicked by a known person. */
export interface Turn {
  services: Services
  /** The delivery's key: ids of what this turn makes derive from it. */
  key: string
  event: InboundEvent
  person: PersonDoc
  viewer: Viewer
  now: number
  id(...parts: string[]): string
}

export function createTurn(services: Services, key: string, event: InboundEvent, person: PersonDoc, viewer: Viewer): Turn {
  return { services, key, event, person, viewer, now: services.clock.now(), id: (...parts) => deriveId('turn', key, ...parts) }
}
