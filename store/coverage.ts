import { stages } from './aggregate/stages.ts'
import { commands } from './commands/index.ts'
import { ownExpressions } from './expressions/index.ts'
import { operators as updateOperators } from './update/operators.ts'

/** What the store does, and the contract tests that show it. */
export type Coverage = { title: string; tests: string[]; names: string[] }[]

/** Where a test of the lists below is. */
export const contractTest = (name: string): string => `tests/contract/store/${name}.test.ts`

const queryOperators = [
  '$eq $ne $gt $gte $lt $lte $in $nin',
  '$and $or $nor $not $expr $comment',
  '$exists $type $mod $regex $options $size $all $elemMatch',
  '$bitsAllSet $bitsAllClear $bitsAnySet $bitsAnyClear',
].flatMap(line => line.split(' '))

const unique = (names: string[]) => [...new Map(names.map(name => [name.toLowerCase(), name])).values()]

/** Every command, operator and stage, taken from the tables that the store itself works with. */
export const coverage: Coverage = [
  {
    title: 'Commands',
    tests: ['find', 'write', 'write-options', 'operators', 'indexes', 'transactions', 'process'],
    names: unique(Object.keys(commands)),
  },
  { title: 'Query operators', tests: ['find', 'operators'], names: queryOperators },
  {
    title: 'Update operators',
    tests: ['write', 'operators'],
    names: [...Object.keys(updateOperators), '$rename', '$[]', '$[name]', '$', 'pipelines'],
  },
  { title: 'Aggregation stages', tests: ['aggregate', 'operators'], names: [...Object.keys(stages), '$out', '$merge'] },
  {
    title: 'Expressions decided here (text, date and mathematics come from mingo)',
    tests: ['expressions', 'aggregate'],
    names: ownExpressions,
  },
  {
    title: 'Indexes',
    tests: ['indexes', 'write', 'find-limits', 'process'],
    names: ['unique', 'compound', 'multikey', 'sparse', 'partial', 'TTL', 'hashed (equality)', 'hidden'],
  },
]

/** What commands take besides, and how far. */
export const options: Coverage = [
  {
    title: 'Options of commands',
    tests: ['write-options', 'find-collation', 'find-limits', 'transactions-rules'],
    names: [
      ...['collation (of a command, no index serves its texts)', 'hint', 'let', 'comment', 'maxTimeMS', 'sort of updateOne'],
      ...['bypassDocumentValidation', 'validationLevel', 'readConcern', 'writeConcern', 'apiVersion', 'noCursorTimeout'],
    ],
  },
]

/** What is refused, with MongoDB's own error code and a sentence. */
export const refused: string[] = [
  'options that a command does not have',
  'collations on collections and indexes, and beside expressions; `validationAction: warn`',
  'read concern `snapshot` outside a transaction',
  'text, geo and wildcard indexes and their queries',
  '`$where`, `$function`, `$jsonSchema`',
  'change streams, capped, clustered and time-series collections',
  '`$setWindowFields`, `$densify`, `$fill`, `$redact`',
  'users and roles; other machines',
]

/** The tests that show it. */
export const refusedTests = ['refused']

const shown = (tests: string[]) => [contractTest(tests[0] ?? ''), ...tests.slice(1)].join(', ')

/** The lists of the folder's README. */
export function coverageText(): string {
  const lists = [...coverage, ...options].map(
    ({ title, tests, names }) =>
      `**${title}** (${shown(tests)})\n\n${[...names]
        .sort()
        .map(name => `\`${name}\``)
        .join(' ')}\n`,
  )
  return `${lists.join('\n')}\n**Refused** (${shown(refusedTests)})\n\n${refused.map(line => `- ${line}`).join('\n')}\n`
}
