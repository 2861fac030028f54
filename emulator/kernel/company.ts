/** The company an emulator plays: one seed serves both platforms, each takes the people that have an id there. */
export interface CompanySeed {
  name: string
  /** Department 1 is the root; it is added with the company's name when absent. `leaderUserIds` may name ids of either platform. */
  departments: { id: number; name: string; parentId: number; leaderUserIds?: string[] }[]
  people: PersonSeed[]
}

/** One person; `roles` become WeCom tags and DingTalk roles of that name. */
export interface PersonSeed {
  wecomUserId?: string
  dingtalkUserId?: string
  name: string
  mobile: string
  title: string
  departmentId: number
  /** The superior's id; an id of the other platform is translated when that person is on both. */
  directLeader?: string
  roles?: string[]
}

export type Platform = 'wecom' | 'dingtalk'

export interface DirectoryPerson {
  userId: string
  unionId: string
  name: string
  mobile: string
  title: string
  departmentId: number
  directLeader: string | undefined
  roles: string[]
}

export interface DirectoryDepartment {
  id: number
  name: string
  parentId: number
  leaders: string[]
}

/** One platform's view of the company. */
export interface Directory {
  name: string
  departments: DirectoryDepartment[]
  people: DirectoryPerson[]
  roles: { id: number; name: string; userIds: string[] }[]
  person(userId: string): DirectoryPerson | undefined
  department(id: number): DirectoryDepartment | undefined
}

const ROOT = 1

/** The part of the company that exists on one platform; ids are matched without regard to case, as WeCom does. */
export function directoryOf(seed: CompanySeed, platform: Platform): Directory {
  const idOf = (person: PersonSeed) => (platform === 'wecom' ? person.wecomUserId : person.dingtalkUserId)
  const onThisPlatform = (id: string | undefined): string | undefined => {
    if (id === undefined) return undefined
    const own = seed.people.find(person => idOf(person) === id)
    const other = seed.people.find(person => person.wecomUserId === id || person.dingtalkUserId === id)
    return (own && idOf(own)) ?? (other && idOf(other))
  }
  const people = seed.people.flatMap((person): DirectoryPerson[] => {
    const userId = idOf(person)
    if (userId === undefined) return []
    return [
      {
        userId,
        unionId: `union-${userId}`,
        name: person.name,
        mobile: person.mobile,
        title: person.title,
        departmentId: person.departmentId,
        directLeader: onThisPlatform(person.directLeader),
        roles: person.roles ?? [],
      },
    ]
  })
  const departments = seed.departments.map(({ id, name, parentId, leaderUserIds = [] }) => ({
    id,
    name,
    parentId,
    leaders: [...new Set(leaderUserIds.flatMap(leader => onThisPlatform(leader) ?? []))],
  }))
  if (!departments.some(department => department.id === ROOT)) {
    departments.unshift({ id: ROOT, name: seed.name, parentId: 0, leaders: [] })
  }
  const roleNames = [...new Set(seed.people.flatMap(person => person.roles ?? []))]
  const roles = roleNames.map((name, index) => ({
    id: index + 1,
    name,
    userIds: people.filter(person => person.roles.includes(name)).map(person => person.userId),
  }))
  const byId = new Map(people.map(person => [person.userId.toLowerCase(), person]))
  const byDepartment = new Map(departments.map(department => [department.id, department]))
  return {
    name: seed.name,
    departments,
    people,
    roles,
    person: userId => byId.get(userId.toLowerCase()),
    department: id => byDepartment.get(id),
  }
}

/** Department `rootId` and all below it, in the order of the seed. */
export function subtreeOf(directory: Directory, rootId: number): DirectoryDepartment[] {
  const inside = new Set([rootId])
  let grew = true
  while (grew) {
    grew = false
    for (const department of directory.departments) {
      if (!inside.has(department.id) && inside.has(department.parentId)) {
        inside.add(department.id)
        grew = true
      }
    }
  }
  return directory.departments.filter(department => inside.has(department.id))
}
