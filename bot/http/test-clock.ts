import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import { z } from 'zod'
import type { ShiftedClock } from '../../common/clock.ts'
import { parseInput } from '../../handlers/kernel/execute.ts'

const YEAR_MS = 366 * 86_400_000

/** `POST /test/clock {"advanceMs": n}`: moves the clock and runs what is due before it answers. Mounted only with `TEST_CLOCK=1`. */
export function testClockRoutes(clock: ShiftedClock, settle: () => Promise<void>): Router {
  const router = new Router()
  router.post('/test/clock', bodyParser({ enableTypes: ['json'] }), async ctx => {
    const { advanceMs } = parseInput(z.object({ advanceMs: z.number().int().min(0).max(YEAR_MS) }), ctx.request.body)
    clock.advance(advanceMs)
    await settle()
    ctx.body = { now: clock.now() }
  })
  return router
}
