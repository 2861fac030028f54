import type { Viewer } from '../../engine/policy/index.ts'
import type { DelegationDoc } from '../../models/delegations/index.ts'
import type { DepartmentDoc, PersonDoc } from '../../models/people/index.ts'

export type RoleSource = 'assigned' | 'platform' | 'title' | 'department'
/** Somebody stands in for somebody who is away; see `models/delegations`. */
export type Delegation = Pick<DelegationDoc, 'fromId' | 'toId' | 'startsAt' | 'endsAt'>
export type SuperiorSource = 'assigned' | 'platform' | 'department'

/** Titles that stand for a role when nobody is assigned and no tag says so. */
const TITLE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  副总: ['副总经理', '副总裁'],
  财务: ['财务总监', '财务经理', '会计'],
  技术: ['技术总监', '技术经理'],
  法务: ['法务总监', '法务经理'],
}

/**
 * Who is who, computed from people and departments as they are stored. Pure: same rows, same answers.
 *
 * Superior: the admin's choice, else the platform's, else the department head, else the parent department's head; never oneself.
 * Role: the admin's assignment, else a tag or role of that name, else a title, else the head of the department named 技术部, 财务部 …
 */
export class Organisation {
  readonly #people = new Map<string, PersonDoc>()
  readonly #byAccount = new Map<string, string>()
  readonly #departments = new Map<string, DepartmentDoc>()
  readonly #mergedInto = new Map<string, string>()
  readonly #reports = new Map<string, string[]>()
  readonly #admins: ReadonlySet<string>
  readonly #delegations: readonly Delegation[]

  constructor(
    people: readonly PersonDoc[],
    departments: readonly DepartmentDoc[],
    adminKeys: readonly string[] = [],
    delegations: readonly Delegation[] = [],
  ) {
    this.#delegations = delegations
    const keys = new Set(adminKeys.map(key => key.toLowerCase()))
    const admins = new Set<string>()
    for (const person of people) {
      if (person.mergedInto) {
        this.#mergedInto.set(person._id, person.mergedInto)
        continue
      }
      this.#people.set(person._id, person)
      for (const account of person.accounts) {
        this.#byAccount.set(account.key, person._id)
        if (keys.has(`${account.platform}:${account.userId.toLowerCase()}`)) admins.add(person._id)
      }
      if (person.assigned.isAdmin) admins.add(person._id)
    }
    this.#admins = admins
    for (const department of departments) this.#departments.set(department._id, department)
    for (const person of this.#people.values()) {
      const superior = this.superior(person._id)
      if (superior) this.#reports.set(superior.id, [...(this.#reports.get(superior.id) ?? []), person._id])
    }
  }

  /** The id under which a person lives on; what they did under an earlier one stays theirs. */
  #living(id: string): string {
    let living = id
    for (let steps = 0; steps < this.#mergedInto.size; steps += 1) living = this.#mergedInto.get(living) ?? living
    return living
  }

  person(id: string): PersonDoc | undefined {
    return this.#people.get(this.#living(id))
  }

  people(): PersonDoc[] {
    return [...this.#people.values()]
  }

  name(id: string): string {
    return this.person(id)?.name ?? '已离开的同事'
  }

  title(id: string): string | undefined {
    return this.person(id)?.accounts.find(account => account.title)?.title
  }

  ref(id: string): { id: string; name: string; title?: string } {
    const title = this.title(id)
    return { id: this.#living(id), name: this.name(id), ...(title && { title }) }
  }

  departmentNames(id: string): string[] {
    const names = (this.#people.get(id)?.accounts ?? []).flatMap(account =>
      account.departmentIds.map(departmentId => this.#departments.get(departmentId)?.name ?? ''),
    )
    return [...new Set(names.filter(Boolean))]
  }

  /** Somebody's departments on all platforms, then those above them level by level. */
  departmentChain(id: string): string[] {
    const chain = new Set<string>()
    for (let level = (this.person(id)?.accounts ?? []).flatMap(account => account.departmentIds); level.length > 0; ) {
      const known = level.flatMap(departmentId => this.#departments.get(departmentId) ?? [])
      const fresh = known.filter(department => !chain.has(department._id))
      for (const department of fresh) chain.add(department._id)
      level = fresh.flatMap(department => department.parentId ?? [])
    }
    return [...chain]
  }

  /** Every department, with its name and the one above it. A company on two platforms has each of its departments twice. */
  departments(): { id: string; name: string; platform: string; parentId: string | null }[] {
    return [...this.#departments.values()].map(({ _id, name, platform, parentId }) => ({ id: _id, name, platform, parentId }))
  }

  /** The platform's name for the whole company: its root department. */
  companyName(): string | undefined {
    const roots = [...this.#departments.values()].filter(
      department => department.name && (!department.parentId || !this.#departments.has(department.parentId)),
    )
    return roots.sort((a, b) => a._id.localeCompare(b._id))[0]?.name
  }

  #activeId(accountKey: string | undefined): string | undefined {
    const id = accountKey ? (this.#byAccount.get(accountKey.toLowerCase()) ?? this.#byAccount.get(accountKey)) : undefined
    return id && this.#people.get(id)?.active ? id : undefined
  }

  #headOf(department: DepartmentDoc, except: string): string | undefined {
    for (const key of department.leaderKeys) {
      const id = this.#activeId(key)
      if (id && id !== except) return id
    }
    for (const person of this.#people.values()) {
      if (person.active && person._id !== except && person.accounts.some(account => account.leaderOf.includes(department._id)))
        return person._id
    }
    return undefined
  }

  superior(id: string): { id: string; source: SuperiorSource } | null {
    const person = this.#people.get(id)
    if (!person) return null
    const assigned = person.assigned.superiorId && this.#living(person.assigned.superiorId)
    if (assigned && assigned !== id && this.#people.get(assigned)?.active) return { id: assigned, source: 'assigned' }
    for (const account of person.accounts) {
      const superior = this.#activeId(account.superiorKey)
      if (superior && superior !== id) return { id: superior, source: 'platform' }
    }
    const head = this.departmentHead(id)
    return head ? { id: head, source: 'department' } : null
  }

  /** The head of somebody's department, else of the next one above; never oneself. */
  departmentHead(id: string): string | undefined {
    for (const account of this.#people.get(id)?.accounts ?? []) {
      const seen = new Set<string>()
      for (const start of account.departmentIds) {
        let department = this.#departments.get(start)
        while (department && !seen.has(department._id)) {
          seen.add(department._id)
          const head = this.#headOf(department, id)
          if (head) return head
          department = department.parentId ? this.#departments.get(department.parentId) : undefined
        }
      }
    }
    return undefined
  }

  /** Oneself, everybody below in the line of superiors, and everybody in departments one heads. */
  subtree(id: string): string[] {
    const found = new Set([id])
    const queue = [id]
    const headed = new Set((this.#people.get(id)?.accounts ?? []).flatMap(account => account.leaderOf))
    for (const department of this.#departments.values()) {
      if (department.leaderKeys.some(key => this.#byAccount.get(key) === id)) headed.add(department._id)
    }
    for (const department of this.#below(headed)) {
      for (const person of this.#people.values()) {
        if (!found.has(person._id) && person.accounts.some(account => account.departmentIds.includes(department))) {
          found.add(person._id)
          queue.push(person._id)
        }
      }
    }
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const report of this.#reports.get(next) ?? []) {
        if (found.has(report)) continue
        found.add(report)
        queue.push(report)
      }
    }
    return [...found]
  }

  #below(roots: ReadonlySet<string>): Set<string> {
    const all = new Set(roots)
    for (let grown = true; grown; ) {
      grown = false
      for (const department of this.#departments.values()) {
        if (!all.has(department._id) && department.parentId && all.has(department.parentId)) {
          all.add(department._id)
          grown = true
        }
      }
    }
    return all
  }

  /**
   * Who stands in for somebody at that moment, if anybody does who is still there. One step only: a stand-in may have one too, and chains
   * and circles are for the caller to follow.
   */
  standIn(id: string, at: number): string | undefined {
    const person = this.#living(id)
    const found = this.#delegations.find(
      ({ fromId, startsAt, endsAt }) =>
        this.#living(fromId) === person && startsAt.getTime() <= at && (endsAt === null || at < endsAt.getTime()),
    )
    const standIn = found && this.#living(found.toId)
    return standIn !== person && this.#people.get(standIn ?? '')?.active ? standIn : undefined
  }

  admins(): string[] {
    return [...this.#admins].filter(id => this.#people.get(id)?.active).sort()
  }

  isAdmin(id: string): boolean {
    return this.#admins.has(id)
  }

  /** Everybody who holds a role, by the first rule that finds anybody. */
  holders(role: string): { ids: string[]; source: RoleSource | null } {
    const active = [...this.#people.values()].filter(person => person.active)
    const pick = (test: (person: PersonDoc) => boolean) => active.filter(test).map(person => person._id)
    const assigned = pick(person => person.assigned.roles.includes(role))
    if (assigned.length > 0) return { ids: assigned, source: 'assigned' }
    const tagged = pick(person => person.accounts.some(account => account.roles.includes(role)))
    if (tagged.length > 0) return { ids: tagged, source: 'platform' }
    const titles = [role, ...(TITLE_ALIASES[role] ?? [])]
    const titled = pick(person => person.accounts.some(account => account.title !== undefined && titles.includes(account.title)))
    if (titled.length > 0) return { ids: titled, source: 'title' }
    for (const department of this.#departments.values()) {
      const head = department.name === `${role}部` ? this.#headOf(department, '') : undefined
      if (head) return { ids: [head], source: 'department' }
    }
    return { ids: [], source: null }
  }

  /** The roles of one person, with the reason of each. */
  rolesOf(id: string): { name: string; source: RoleSource }[] {
    const person = this.#people.get(id)
    const names = new Set([
      ...Object.keys(TITLE_ALIASES),
      ...(person?.assigned.roles ?? []),
      ...(person?.accounts ?? []).flatMap(account => account.roles),
    ])
    return [...names].flatMap(name => {
      const holders = this.holders(name)
      return holders.source && holders.ids.includes(id) ? [{ name, source: holders.source }] : []
    })
  }

  viewer(anyId: string): Viewer {
    const id = this.#living(anyId)
    const below = new Set(this.subtree(id))
    const former = [...this.#mergedInto.keys()].filter(merged => below.has(this.#living(merged)))
    return {
      personId: id,
      subtreePersonIds: [...below, ...former],
      roles: this.rolesOf(id).map(role => role.name),
      isAdmin: this.isAdmin(id),
    }
  }
}
