import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { UUID } from 'bson'
import { Database } from '../../../store/data/index.ts'
import { Sessions } from '../../../store/sessions/index.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'kelian-sessions-'))
let nowMs = 1_000_000
const database = new Database(
  path.join(folder, 'db.mdb'),
  () => nowMs,
  0,
  error => {
    throw error
  },
)
const sessions = new Sessions(database, () => nowMs)
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true, force: true })
})

function withTransaction() {
  const session = sessions.get({ id: new UUID() })
  session.transaction = database.begin()
  session.state = 'open'
  return session
}

test('a transaction whose client is frozen is undone after a minute, one that is used is not', async () => {
  const [frozen, busy] = [withTransaction(), withTransaction()]
  busy.running = 1
  nowMs += 59_000
  await sessions.sweep()
  expect([frozen.state, busy.state]).toEqual(['open', 'open'])
  nowMs += 2000
  await sessions.sweep()
  expect([frozen.state, busy.state]).toEqual(['aborted', 'open'])
  busy.abort()
})

test('what a session did last is forgotten half an hour later, in memory and on file', async () => {
  const lsid = { id: new UUID() }
  const session = sessions.get(lsid)
  await database.write(() => session.save({ kind: 'committed', txnNumber: 7n }, nowMs))
  nowMs += 29 * 60_000
  await sessions.sweep()
  expect(sessions.list().length).toBeGreaterThan(0)
  expect(database.environment.sessions.getKeysCount({})).toBe(1)
  nowMs += 2 * 60_000
  await sessions.sweep()
  expect(sessions.list()).toEqual([])
  expect(database.environment.sessions.getKeysCount({})).toBe(0)
})
