import { deriveId } from '../../common/ids.ts'
import { type Identity, identityKey } from '../../common/inbound.ts'
import { isDuplicateKey } from '../../models/kernel/mongo.ts'
import type { Account, PersonDoc } from '../../models/people/index.ts'
import type { Directory, DirectoryDepartment, DirectoryMember } from '../kernel/ports.ts'
import type { Services } from '../kernel/services.ts'
import { fold } from './link.ts'

const DAY_MS = 86_400_000
/** WeCom blocks look-ups by mobile for a day after misses for a fifth of the company; we stop long before, and remember each miss. */
const MISSES_A_DAY = { least: 5, shareOfPeople: 0.1 }
/** Somebody who was not on the other platform may be by then. */
const SEEK_AGAIN_MS = 30 * DAY_MS

/** Levels of superiors that are fetched with an unknown sender. */
const MAX_SUPERIORS = 5

const departmentKey = (directory: Directory, id: string): string => `${directory.platform}:${directory.corp}:${id}`

function accountOf(directory: Directory, member: DirectoryMember): Account {
  const key = (userId: string) => identityKey({ platform: directory.platform, corp: directory.corp, userId })
  return {
    key: key(member.userId),
    platform: directory.platform,
    corp: directory.corp,
    userId: member.userId,
    ...(member.title && { title: member.title }),
    departmentIds: member.departmentIds.map(id => departmentKey(directory, id)),
    leaderOf: member.leaderOf.map(id => departmentKey(directory, id)),
    ...(member.superiorUserId && { superiorKey: key(member.superiorUserId) }),
    roles: member.roles,
    active: member.active,
  }
}

/** The person on another platform who has this mobile number there. */
async function samePersonElsewhere(services: Services, directory: Directory, mobile: string): Promise<PersonDoc | null> {
  for (const other of services.directories.values()) {
    if (other.platform === directory.platform) continue
    const userId = await other.findByMobile(mobile).catch(() => null)
    const person = userId
      ? await services.models.people.byAccount(identityKey({ platform: other.platform, corp: other.corp, userId }))
      : null
    if (person) return person
  }
  return null
}

const hasPlatform = (person: PersonDoc, platform: string): boolean =>
  person.accounts.some(account => account.platform === platform)

/** How many more look-ups that find nobody the other platform will bear today. */
async function missesLeft({ models, clock }: Services): Promise<number> {
  const [everybody, missed] = await Promise.all([
    models.people.count(),
    models.people.countSought(new Date(clock.now() - DAY_MS)),
  ])
  return Math.max(MISSES_A_DAY.least, Math.floor(everybody * MISSES_A_DAY.shareOfPeople)) - missed
}

interface SaveOptions {
  /** May the other platform be asked for this mobile number? */
  lookElsewhere: boolean
}

/** Write one member; returns the person and whether a look-up elsewhere found nobody. */
async function saveMember(services: Services, directory: Directory, member: DirectoryMember, options: SaveOptions) {
  const { people } = services.models
  const now = services.clock.now()
  const account = accountOf(directory, member)
  const facts = { name: member.name, active: member.active, ...(member.mobile && { mobile: member.mobile }) }
  const known = await people.byAccount(account.key)
  if (known) {
    await people.saveAccount(known._id, account, facts)
    const alone = known.accounts.length === 1
    const soughtLately = known.soughtAt !== undefined && now - known.soughtAt.getTime() < SEEK_AGAIN_MS
    if (!alone || !member.mobile || !options.lookElsewhere || soughtLately) return { personId: known._id, missed: false }
    const other = await samePersonElsewhere(services, directory, member.mobile)
    if (other && other._id !== known._id && !hasPlatform(other, directory.platform)) {
      const folded = await fold(services, other._id, known._id)
      return { personId: folded ? other._id : known._id, missed: false }
    }
    if (!other) await people.sought(known._id, new Date(now))
    return { personId: known._id, missed: !other }
  }

  let twin = member.mobile ? await people.byMobile(member.mobile) : null
  let missed = false
  if (!twin && member.mobile && options.lookElsewhere) {
    twin = await samePersonElsewhere(services, directory, member.mobile)
    missed = !twin
  }
  if (twin && !hasPlatform(twin, directory.platform)) {
    await people.saveAccount(twin._id, account, facts)
    return { personId: twin._id, missed }
  }
  const person: PersonDoc = {
    _id: deriveId('person', account.key),
    ...facts,
    accounts: [account],
    assigned: { roles: [] },
    ...(missed && { soughtAt: new Date(now) }),
    createdAt: new Date(now),
  }
  try {
    await people.insert(person)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
  return { personId: person._id, missed }
}

/**
 * Take the platform's contacts over: departments, members, who left. Runs at the start and from time to time; what a platform
 * does not permit is skipped, the rest is taken.
 */
export async function syncDirectory(services: Services, directory: Directory): Promise<{ people: number }> {
  const { people } = services.models
  const [departments, members] = await Promise.all([directory.listDepartments(), directory.listMembers()])
  await saveDepartments(services, directory, departments)
  let left = await missesLeft(services)
  for (const member of members) {
    const { missed } = await saveMember(services, directory, member, { lookElsewhere: left > 0 })
    if (missed) left -= 1
  }
  if (members.length > 0) {
    await people.deactivateMissing(
      directory.platform,
      directory.corp,
      members.map(member => accountOf(directory, member).key),
    )
  }
  services.organisation.forget()
  services.log.info(
    { platform: directory.platform, departments: departments.length, people: members.length },
    'contacts taken over',
  )
  return { people: members.length }
}

async function saveDepartments(
  { models }: Services,
  directory: Directory,
  departments: readonly DirectoryDepartment[],
): Promise<void> {
  if (departments.length === 0) return
  const { platform, corp } = directory
  const rows = departments.map(department => ({
    _id: departmentKey(directory, department.id),
    platform,
    corp,
    name: department.name,
    parentId: department.parentId === null ? null : departmentKey(directory, department.parentId),
    leaderKeys: department.leaderUserIds.map(userId => identityKey({ platform, corp, userId })),
  }))
  await models.people.replaceDepartments(platform, corp, rows)
}

/**
 * The platform said that somebody (or, with an empty user id, the tree of departments) changed: read that anew. Whoever is not known there any
 * more has left.
 */
export async function syncChanged(services: Services, identity: Identity): Promise<void> {
  const directory = services.directories.get(identity.platform)
  if (!directory || directory.corp !== identity.corp) return
  if (identity.userId === '') await saveDepartments(services, directory, await directory.listDepartments())
  else {
    const member = await directory.getMember(identity.userId)
    if (member) await saveMember(services, directory, member, { lookElsewhere: (await missesLeft(services)) > 0 })
    else await services.models.people.deactivate(identityKey(identity))
  }
  services.organisation.forget()
}

/**
 * The person behind an account, fetched from the platform at once when we have not met, or thought that they had left. Null: the
 * platform does not know the id either, or says that the account is not active.
 */
export async function personBehind(services: Services, identity: Identity): Promise<PersonDoc | null> {
  if (!identity.userId) return null
  const key = identityKey(identity)
  const known = await services.models.people.byAccount(key)
  if (known?.active && known.accounts.some(account => account.key === key && account.active)) return known
  const directory = services.directories.get(identity.platform)
  const member = await directory?.getMember(identity.userId)
  if (!directory || !member?.active) return null
  const { personId } = await saveMember(services, directory, member, { lookElsewhere: true })
  await fetchSuperiors(services, directory, member)
  services.organisation.forget()
  return services.models.people.byId(personId)
}

/** Whoever decides for a newcomer must be known too, even where the platform does not let us list its contacts. */
async function fetchSuperiors(services: Services, directory: Directory, member: DirectoryMember): Promise<void> {
  let below = member
  for (let level = 0; level < MAX_SUPERIORS && below.superiorUserId; level += 1) {
    const userId = below.superiorUserId
    const known = await services.models.people.byAccount(
      identityKey({ platform: directory.platform, corp: directory.corp, userId }),
    )
    if (known) return
    const superior = await directory.getMember(userId).catch(() => null)
    if (!superior) return
    await saveMember(services, directory, superior, { lookElsewhere: false })
    below = superior
  }
}
