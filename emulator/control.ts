import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { EmulatorError } from './kernel/errors.ts'
import { jsonOf, readBody } from './kernel/http.ts'

const request = z.object({ platform: z.string(), method: z.string(), args: z.array(z.unknown()).default([]) })

/** The driver objects that can be called from another process, by platform. */
export type Drivers = Readonly<Record<string, object>>

/**
 * Drive emulators from another process: `POST /` with `{platform, method, args}` calls a driver method, or reads a property when it is
 * none, and answers `{ok, result}` or `{ok: false, code, message}`.
 */
export async function startControl(drivers: Drivers, port: number): Promise<{ baseUrl: string; close(): Promise<void> }> {
  const server = createServer(async (incoming, response) => {
    const answer = await perform(drivers, incoming).catch(refusal)
    response.writeHead(answer.ok ? 200 : 400, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

type Answer = { ok: true; result: unknown } | { ok: false; code: string; message: string }

async function perform(drivers: Drivers, incoming: Parameters<typeof readBody>[0]): Promise<Answer> {
  const { platform, method, args } = request.parse(jsonOf(await readBody(incoming)))
  const driver = Object.hasOwn(drivers, platform) ? drivers[platform] : undefined
  if (!driver || !Object.hasOwn(driver, method)) throw new EmulatorError('input.invalid', `没有 ${platform}.${method}`)
  const member = (driver as Record<string, unknown>)[method]
  const result = typeof member === 'function' ? await (member as (...values: unknown[]) => unknown)(...args) : member
  return { ok: true, result: result ?? null }
}

function refusal(error: unknown): Answer {
  const code = error instanceof EmulatorError ? error.code : 'input.invalid'
  return { ok: false, code, message: error instanceof Error ? error.message : String(error) }
}
