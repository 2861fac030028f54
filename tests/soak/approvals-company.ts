import type { CompanySeed } from '../../emulator/index.ts'
import type { ProcessDraft } from '../../engine/process/index.ts'

/** Who may have a part in one case: a seller, four approvers. Each case that is under way has a team of its own. */
export const ROLES = ['sales', 'ann', 'ben', 'cat', 'dan'] as const
export type Role = (typeof ROLES)[number]
export const ADMIN = 'admin'

export const userOf = (role: Role, team: number): string => `${role}${team}`

/** So many teams, and an admin. */
export const companyOf = (teams: number): CompanySeed => ({
  name: '压测公司',
  departments: [{ id: 2, name: '业务部', parentId: 1 }],
  people: [
    ...[...Array(teams).keys()].flatMap(team =>
      ROLES.map((role, place) => ({
        wecomUserId: userOf(role, team),
        name: userOf(role, team),
        mobile: `139${String(team * 10 + place).padStart(8, '0')}`,
        title: '职员',
        departmentId: 2,
      })),
    ),
    { wecomUserId: ADMIN, name: ADMIN, mobile: '13999999999', title: '职员', departmentId: 2 },
  ],
})

const manned = (id: string, mode: object, next: string) => ({
  id,
  type: 'approval' as const,
  name: id,
  approvers: [{ type: 'initiatorChoice' as const }],
  mode: mode as { type: 'anyOf' },
  timeLimit: { workingSeconds: 36_000 },
  next,
})

/** Two by one of three modes, then one more. */
const processOf = (key: string, mode: object): ProcessDraft => ({
  key,
  version: 1,
  name: key,
  fields: { title: { type: 'string', label: '标题' } },
  required: ['title'],
  nodes: [
    { id: 'start', type: 'start', name: '提交', next: 'first' },
    manned('first', mode, 'second'),
    manned('second', { type: 'anyOf' }, 'end'),
    { id: 'end', type: 'end', name: '结束' },
  ],
})

export const PROCESSES: readonly ProcessDraft[] = [
  processOf('soakAny', { type: 'anyOf' }),
  processOf('soakAll', { type: 'countersign' }),
  processOf('soakVote', { type: 'vote', sharePercent: 50 }),
]
