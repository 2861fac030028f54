import { stages } from './aggregate/stages.ts'
import { commands } from './commands/index.ts'
import { ownExpressions } from './expressions/index.ts'
import { operators as updateOperators } from './update/operators.ts'

/** What the store does and which test shows it. */
export type Coverage = { title: string; test: string; names: string[] }[]

const contract = (name: string) => `tests/contract/store/${name}.test.ts`

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
    test: `${contract('find')}, write, write-options, transactions, process`,
    names: unique(Object.keys(commands)),
  },
  { title: 'Query operators', test: contract('find'), names: queryOperators },
  {
    title: 'Update operators',
    test: contract('write'),
    names: [...Object.keys(updateOperators), '$rename', '$[]', '$[name]', '$', 'pipelines'],
  },
  { title: 'Aggregation stages', test: contract('aggregate'), names: [...Object.keys(stages), '$out', '$merge'] },
  {
    title: 'Expressions decided here (text, date and mathematics come from mingo)',
    test: contract('aggregate'),
    names: ownExpressions,
  },
  {
    title: 'Indexes',
    test: `${contract('write')}, find-limits`,
    names: ['unique', 'compound', 'multikey', 'sparse', 'partial', 'TTL', 'hashed (equality)', 'hidden'],
  },
]

/** What commands take besides, and how far. */
const options: Coverage = [
  {
    title: 'Options of commands',
    test: `${contract('write-options')}, find-collation, find-limits, transactions-rules`,
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

/** The lists of the folder's README. */
export function coverageText(): string {
  const lists = [...coverage, ...options].map(
    ({ title, test, names }) =>
      `**${title}** (${test})\n\n${[...names]
        .sort()
        .map(name => `\`${name}\``)
        .join(' ')}\n`,
  )
  return `${lists.join('\n')}\n**Refused**\n\n${refused.map(line => `- ${line}`).join('\n')}\n`
}
