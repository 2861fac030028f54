import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { coverage, coverageText } from '../../../store/coverage.ts'

test('the README lists exactly what the store does', () => {
  const readme = readFileSync('store/README.md', 'utf8')
  expect(readme).toContain(`<!-- coverage -->\n${coverageText()}<!-- /coverage -->`)
})

test('every command, query operator, update operator and stage appears in a contract test', () => {
  const folder = 'tests/contract/store'
  const text = readdirSync(folder)
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n')
  const proven = (name: string) => text.includes(name)
  const sent: Record<string, string> = {
    hello: 'connect',
    isMaster: 'connect',
    ismaster: 'connect',
    killCursors: '.close()',
    endSessions: 'endSession',
    buildinfo: 'buildInfo',
    insert: 'insertMany',
    delete: 'deleteOne',
    findandmodify: 'findOneAndUpdate',
    listIndexes: '.indexes()',
    createIndexes: 'createIndex',
    dropIndexes: 'dropIndex',
    dropDatabase: 'dropDatabase',
    create: 'createCollection',
    count: 'countDocuments',
  }
  const titles = ['Commands', 'Query operators', 'Update operators', 'Aggregation stages']
  const names = coverage.filter(({ title }) => titles.includes(title)).flatMap(list => list.names)
  expect(names.filter(name => !proven(sent[name] ?? name) && name !== 'pipelines' && name !== '$[name]')).toEqual([])
})
