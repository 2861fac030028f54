import { PROCESS_TEMPLATES } from '../../engine/process/index.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import { processId } from '../../models/processes/index.ts'
import type { Services } from '../kernel/services.ts'

/** The processes that the product comes with, published where their key is not known yet. What a company made of them stays. */
export async function seedProcesses({ models, clock }: Services): Promise<void> {
  const at = new Date(clock.now())
  for (const { definition } of PROCESS_TEMPLATES) {
    const { key, version, name } = definition
    if (await models.processes.newest(key)) continue
    try {
      await models.processes.insert({
        _id: processId(key, version),
        key,
        version,
        name,
        state: 'published',
        definition,
        savedAt: at,
        savedById: null,
        publishedAt: at,
        publishedById: null,
      })
    } catch (error) {
      // Another process of ours starts at the same moment.
      if (!isDuplicateKey(error)) throw error
    }
  }
}
