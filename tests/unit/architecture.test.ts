import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

function sources(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap(name => {
    const path = join(folder, name)
    if (name === 'node_modules' || name === 'dist') return []
    if (statSync(join(root, path)).isDirectory()) return sources(path)
    return /\.(ts|vue)$/.test(name) ? [path] : []
  })
}

interface Import {
  from: string
  to: string
}

/** Relative imports of a file, as paths from the project's root; packages are left out. */
function imports(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8')
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)
  return [...found].map(match => ({ from: path, to: relative(root, join(root, dirname(path), match[1] ?? '')) }))
}

/** A room and the rooms it may reach, besides itself. */
const MAY_REACH: Readonly<Record<string, readonly string[]>> = {
  common: [],
  engine: ['common'],
  cards: ['common', 'engine'],
  models: ['common', 'engine', 'cards'],
  handlers: ['common', 'engine', 'cards', 'models'],
  bot: ['common', 'engine', 'cards', 'models', 'handlers'],
  miniapp: ['common', 'engine', 'cards'],
  store: [],
  emulator: [],
}

/** Entries that load the store and the emulators. */
const ENTRIES = /^bot\/(main\.ts|cli\/|demo\/)/

const all = Object.keys(MAY_REACH).flatMap(room => sources(room).flatMap(imports))
const roomOf = (path: string): string => path.split('/')[0] ?? ''
const named = (edges: Import[]): string[] => edges.map(({ from, to }) => `${from} -> ${to}`)

describe('imports point one way', () => {
  test.each(Object.entries(MAY_REACH))('%s reaches only %j', (room, reach) => {
    const wrong = all.filter(({ from, to }) => {
      const target = roomOf(to)
      if (roomOf(from) !== room || target === room) return false
      if (ENTRIES.test(from) && (target === 'store' || target === 'emulator')) return false
      return !reach.includes(target)
    })
    expect(named(wrong)).toEqual([])
  })

  test('one channel adapter never imports another', () => {
    const wrong = all.filter(({ from, to }) => {
      const [mine, theirs] = [from, to].map(path => /^bot\/channels\/(wecom|dingtalk)\//.exec(path)?.[1])
      return mine && theirs && mine !== theirs
    })
    expect(named(wrong)).toEqual([])
  })

  test('a capability reaches another one only through its table of contents', () => {
    const SHARED = new Set(['kernel', 'talk'])
    const wrong = all.filter(({ from, to }) => {
      const mine = /^handlers\/([^/]+)\//.exec(from)?.[1]
      const theirs = /^handlers\/([^/]+)\/(.+)$/.exec(to)
      if (!mine || !theirs || SHARED.has(mine)) return false
      const [, capability = '', file] = theirs
      return capability !== mine && !SHARED.has(capability) && file !== 'index.ts' && file !== 'organisation.ts'
    })
    expect(named(wrong)).toEqual([])
  })

  test('the mini-app takes only types from the command contract', () => {
    const wrong = sources('miniapp').flatMap(path =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/^import (?!type)[^\n]*common\/contract\/[^\n]*$/gm)].map(
        match => `${path}: ${match[0]}`,
      ),
    )
    expect(wrong).toEqual([])
  })
})

describe('handlers and engine keep their promises', () => {
  test('handlers name no platform', () => {
    const wrong = sources('handlers').filter(path => /['"`](wecom|dingtalk)['"`]/.test(readFileSync(join(root, path), 'utf8')))
    expect(wrong).toEqual([])
  })

  test('the engine has no clock, randomness, environment or network of its own', () => {
    const forbidden = /\bDate\.now\(|new Date\(\)|Math\.random\(|process\.env|\bfetch\(|from 'node:/
    expect(sources('engine').filter(path => forbidden.test(readFileSync(join(root, path), 'utf8')))).toEqual([])
  })

  test('only models write queries', () => {
    const query = /\.model\.(find|update|insert|delete|aggregate|count|bulkWrite|replace)/
    const wrong = ['handlers', 'bot']
      .flatMap(sources)
      .filter(path => !/^bot\/(demo|cli)\//.test(path) && query.test(readFileSync(join(root, path), 'utf8')))
    expect(wrong).toEqual([])
  })
})
