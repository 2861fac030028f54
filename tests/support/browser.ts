import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'

const run = promisify(execFile)
const unbrotli = promisify(brotliDecompress)
const require = createRequire(import.meta.url)

const INSTALLED = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync', '--font-render-hinting=none']

/** Where a package lives, even if its exports hide `package.json`. */
function packageDir(name: string): string {
  let dir = dirname(require.resolve(name))
  while (!existsSync(join(dir, 'package.json')) || !dir.endsWith(join('node_modules', ...name.split('/')))) dir = dirname(dir)
  return dir
}

/**
 * A headless Chromium for tests: `CHROME_PATH`, else the machine's own, else the one that the package @sparticuz/chromium carries
 * (Linux x64), unpacked once into the temp folder with its libraries and a Chinese font; no root is needed.
 */
export async function startBrowser(): Promise<Browser> {
  const own = [process.env.CHROME_PATH, ...INSTALLED].find(path => path && existsSync(path))
  if (own) return chromium.launch({ executablePath: own, args: ARGS })
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No browser found. Install Google Chrome, or set CHROME_PATH to a Chromium executable.')
  }
  const home = await unpackedChromium()
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    args: ARGS,
    env: {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: join(home, 'lib'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  })
}

/** Unpacks beside the final place and renames, so that a second test process never sees half of it. */
async function unpackedChromium(): Promise<string> {
  const source = packageDir('@sparticuz/chromium')
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string }
  const home = join(tmpdir(), `kelian-chromium-${version}`)
  if (existsSync(join(home, 'chromium'))) return home
  const draft = await mkdtemp(join(tmpdir(), 'kelian-chromium-draft-'))
  await writeFile(join(draft, 'chromium'), await unbrotli(await readFile(join(source, 'bin', 'chromium.br'))))
  await chmod(join(draft, 'chromium'), 0o755)
  await writeFile(join(draft, 'libraries.tar'), await unbrotli(await readFile(join(source, 'bin', 'al2023.tar.br'))))
  await run('tar', ['-xf', join(draft, 'libraries.tar'), '-C', draft])
  await rm(join(draft, 'libraries.tar'))
  await mkdir(join(draft, 'font-cache'), { recursive: true })
  await writeFile(
    join(draft, 'fonts.conf'),
    fontConfig(join(packageDir('@embedpdf/fonts-sc'), 'fonts'), join(home, 'font-cache')),
  )
  try {
    await rename(draft, home)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(join(home, 'chromium'))) throw error
  }
  return home
}

const fontConfig = (fonts: string, cache: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>
`
