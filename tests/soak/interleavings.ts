// Every schedule of the first six choices of the deeds in tests/unit/approvals/interleavings.test.ts; minutes.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const { status } = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', 'tests/unit/approvals/interleavings'],
  {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, INTERLEAVING_DEPTH: '6' },
  },
)
process.exitCode = status ?? 1
