import type { Migration } from './migration.ts'

/** Queue rows from before lanes and fences get them, so that what waited then is sent now. */
export const laneRows: Migration = {
  id: '2026-11-lanes',
  async run({ outbox, cards }) {
    const old = { lane: { $exists: false } }
    const toKey = {
      $ifNull: [
        '$to.personId',
        { $concat: ['$to.platform', ':', '$to.corp', ':', { $ifNull: ['$to.userId', { $concat: ['group:', '$to.groupId'] }] }] },
      ],
    }
    const lane = { $cond: [{ $eq: ['$urgency', 'reply'] }, 'prompt', 'patient'] }
    await outbox.model.collection.updateMany(old, [{ $set: { lane, toKey, fence: 0 } }])
    await cards.model.collection.updateMany({ fence: { $exists: false } }, { $set: { fence: 0 } })
  },
}
