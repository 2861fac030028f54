import type { Services } from '../kernel/services.ts'
import { fromProposal } from './proposer.ts'
import { type Intent, looksFree } from './understand/index.ts'

/** A model that is slower than this has lost; the built-in parser answers. */
const MODEL_BUDGET_MS = 3_000

/** A better reading of free speech, when a model is there, quick and right; else the built-in one. A model never writes. */
export async function propose(services: Services, text: string, builtIn: Intent): Promise<Intent> {
  if (!services.proposer || !looksFree(text)) return builtIn
  try {
    const raw = await services.proposer.propose(text, AbortSignal.timeout(MODEL_BUDGET_MS))
    return fromProposal(raw, text) ?? builtIn
  } catch (error) {
    services.log.warn(
      { code: 'model.failed', err: error instanceof Error ? error.message : String(error) },
      'the model did not help',
    )
    return builtIn
  }
}
