import type { z } from 'zod'
import type { Viewer } from '../../engine/policy/index.ts'
import type { Command } from '../../handlers/kernel/command.ts'
import { execute } from '../../handlers/kernel/execute.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import type { Organisation } from '../../handlers/people/organisation.ts'

const HOUR_MS = 3_600_000
/** Whatever the calendar says, the sample's last event is this long ago. */
const LATEST_MS = 5 * 60_000

/** Who acts in the sample: a person as the directory knows it, and the app used. */
export interface Actor {
  viewer: Viewer
  via: string
}

/**
 * Runs real commands at moments of the past, without a word to anybody: what is stored afterwards is what the commands would have
 * stored then.
 */
export interface Replay {
  services: Services
  organisation: Organisation
  /** `platform:userId`, as the directory knows it; undefined when there is nobody. */
  actor(account: string): Actor | undefined
  actorById(personId: string): Actor
  /** That many days before now, at this hour on a working day; never in the future. Milliseconds. */
  at(daysAgo: number, hour: number): number
  /** Never in the future, never at night. */
  daytime(at: number): number
  run<Input extends z.ZodType, Prepared, Result>(
    command: Command<Input, Prepared, Result>,
    input: z.input<Input>,
    how: { actor: Actor; at: number; commandId: string; cards?: boolean },
  ): Promise<Result>
}

const silence = async (): Promise<void> => undefined

/** The same services at another moment. Messages are never queued; cards only when asked for. */
function servicesAt(services: Services, at: number, cards: boolean): Services {
  const { models } = services
  return {
    ...services,
    clock: { now: () => at },
    models: {
      ...models,
      outbox: { ...models.outbox, put: silence },
      ...(!cards && { cards: { ...models.cards, want: silence, touch: silence } }),
    },
    poke: queue => {
      if (cards) services.poke(queue)
    },
  }
}

export function createReplay(services: Services, organisation: Organisation, now: number): Replay {
  const { time } = services
  const latest = now - LATEST_MS
  const isWeekend = (at: number): boolean => /周[六日]$/.test(time.weekday(at, now))

  function workday(at: number): number {
    let day = time.startOfDay(at)
    while (isWeekend(day)) day = time.addDays(day, -1)
    return day
  }

  const actorById = (personId: string): Actor => {
    const platforms = organisation.person(personId)?.accounts.map(account => account.platform) ?? []
    return { viewer: organisation.viewer(personId), via: platforms.includes('wecom') ? 'wecom' : (platforms[0] ?? 'h5') }
  }
  const idByAccount = new Map(
    organisation
      .people()
      .flatMap(person => person.accounts.map(account => [`${account.platform}:${account.userId}`, person._id] as const)),
  )

  return {
    services,
    organisation,
    actorById,
    actor(account) {
      const personId = idByAccount.get(account)
      return personId ? actorById(personId) : undefined
    },
    at: (daysAgo, hour) => Math.min(workday(time.addDays(now, -daysAgo)) + hour * HOUR_MS, latest),
    daytime(at) {
      const hour = (at - time.startOfDay(at)) / HOUR_MS
      const moved = hour < 9 ? at + 9 * HOUR_MS : hour > 18 ? at + 14 * HOUR_MS : at
      return Math.min(moved, latest)
    },
    run: (command, input, { actor, at, commandId, cards = false }) =>
      execute(servicesAt(services, at, cards), command, input, {
        actor: actor.viewer,
        commandId,
        via: actor.via,
        surface: command.surfaces[0] ?? 'h5',
      }),
  }
}
