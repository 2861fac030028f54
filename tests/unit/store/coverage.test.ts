import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { contractTest, coverage, coverageText, options, refusedTests } from '../../../store/coverage.ts'

test('the README lists exactly what the store does', () => {
  const readme = readFileSync('store/README.md', 'utf8')
  expect(readme).toContain(`<!-- coverage -->\n${coverageText()}<!-- /coverage -->`)
})

const textOf = (tests: string[]) => tests.map(name => readFileSync(contractTest(name), 'utf8')).join('\n')

test('every test that the lists name is there', () => {
  for (const { tests } of [...coverage, ...options, { tests: refusedTests }]) expect(textOf(tests).length).toBeGreaterThan(0)
})

test('every name of the lists appears in the tests that are named beside it', () => {
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
    'hashed (equality)': 'hashed',
  }
  const plain = new Set(['pipelines', '$[name]'])
  const missing = coverage.flatMap(({ names, tests }) => {
    const text = textOf(tests)
    return names.filter(name => !plain.has(name) && !text.includes(sent[name] ?? name))
  })
  expect(missing).toEqual([])
})
