import type { z } from 'zod'
import type { Viewer } from '../../engine/policy/index.ts'
import type { Command } from '../../handlers/kernel/command.ts'
import { execute } from '../../handlers/kernel/execute.ts'
import type { Services } from '../../handlers/kernel/services.ts'
import type { Organisation } from '../../handlers/people/organisation.ts'
import type { Models } from '../../models/index.ts'

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

export interface ReplayOptions {
  /** What the sample's dates count back from, in milliseconds. */
  now: number
  isFirstRun: boolean
}

const silence = async (): Promise<void> => undefined

/** Models that say nothing to anybody: messages are never queued, cards only when asked for. */
function silentModels(models: Models, { cards, isFirstRun }: { cards: boolean; isFirstRun: boolean }): Models {
  const { steps, commandLog } = models
  return {
    ...models,
    outbox: { ...models.outbox, put: silence },
    // What is long overdue in the past would climb its whole ladder at once.
    ...(!cards && {
      cards: { ...models.cards, want: silence, touch: silence },
      timers: { ...models.timers, set: silence, cancel: silence },
    }),
    // On the first run no command is known, so the questions are spared.
    ...(isFirstRun && { commandLog: { ...commandLog, find: unknownYet as typeof commandLog.find } }),
    steps: {
      ...steps,
      // A pending step of the past looks left behind by a crash: the background work would follow it, aloud. So it is not marked,
      // and one that a start cut short left behind is followed again here.
      insert: ({ pending: _, ...step }) => steps.insert(step),
      byCommand: (isFirstRun ? unknownYet : followedAgain(steps)) as typeof steps.byCommand,
    },
  }
}

const unknownYet = async (_id: string): Promise<null> => null

const followedAgain = (steps: Models['steps']) => async (commandId: string) => {
  const step = await steps.byCommand(commandId)
  return step && { ...step, pending: true }
}

export function createReplay(services: Services, organisation: Organisation, options: ReplayOptions): Replay {
  const { time } = services
  const { now, isFirstRun } = options
  const muted = silentModels(services.models, { cards: false, isFirstRun })
  const withCards = silentModels(services.models, { cards: true, isFirstRun })
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
  const idByAccount = new Map<string, string>(
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
    run(command, input, { actor, at, commandId, cards = false }) {
      const then: Services = {
        ...services,
        clock: { now: () => at },
        models: cards ? withCards : muted,
        poke: queue => {
          if (cards) services.poke(queue)
        },
      }
      const surface = command.surfaces[0] ?? 'h5'
      return execute(then, command, input, { actor: actor.viewer, commandId, via: actor.via, surface })
    },
  }
}
