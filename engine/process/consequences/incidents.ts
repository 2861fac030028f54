import type { EffectBody } from '../effect.ts'
import { entryOf } from '../path.ts'
import type { Incident, ProcessState } from '../state.ts'

const isSame = (one: Incident, other: Incident): boolean =>
  one.entryId === other.entryId && one.since === other.since && one.code === other.code

export const incidentsRaised = (before: ProcessState | null, after: ProcessState): EffectBody[] =>
  after.incidents
    .filter(incident => !before?.incidents.some(known => isSame(known, incident)))
    .map(({ entryId, nodeId, code, why }) => {
      const { name: nodeName } = entryOf(after, entryId)
      return { type: 'incidentRaised', entryId, nodeId, nodeName, code, why }
    })

/** @param byId whose act resolved them, or made them void */
export const incidentsResolved = (before: ProcessState, after: ProcessState, byId: string): EffectBody[] =>
  before.incidents
    .filter(incident => !after.incidents.some(open => isSame(open, incident)))
    .map(({ entryId }) => ({ type: 'incidentResolved', entryId, byId }))
