import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Ended } from './streamrun.ts'

/**
 * A folder of somebody who has installed streamrun: the packed package, unpacked in `node_modules`. What it depends on
 * is linked from here instead of fetched, so that no network is needed; what it does not declare is not there.
 */
export async function installedFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'streamrun-installed-'))
  const packed = await execute('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], '.')
  const target = join(folder, 'node_modules', 'streamrun')
  mkdirSync(target, { recursive: true })
  await execute('tar', ['-xzf', packed.stdout.trim(), '--strip-components=1', '-C', target], folder)
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
  return folder
}

/** The command line of the streamrun that is installed in `folder`. */
export function installedStreamrun(folder: string, args: readonly string[]): Promise<Ended> {
  return execute(process.execPath, [join(folder, 'node_modules/streamrun/dist/bundle/streamrun.js'), ...args], folder)
}

/** `vitest run` as `npm test` of a package in a folder of `folder` starts it. */
export function installedVitest(folder: string, inside: string): Promise<Ended> {
  return execute(process.execPath, [join(folder, 'node_modules/vitest/vitest.mjs'), 'run'], join(folder, inside))
}

/** The type checker on plain JavaScript, as an editor runs it on files with `// @ts-check`. */
export function installedTypes(folder: string, files: readonly string[]): Promise<Ended> {
  const settings = ['--noEmit', '--allowJs', '--checkJs', '--strict', '--skipLibCheck', '--module', 'nodenext']
  const types = ['--target', 'es2023', '--types', 'node', '--typeRoots', resolve('node_modules/@types')]
  return execute(
    process.execPath,
    [resolve('node_modules/typescript/bin/tsc'), ...settings, ...types, ...files],
    folder,
  )
}

function execute(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  // The variables of the vitest that runs this would make the one inside a part of it.
  const own = Object.entries(process.env).filter(([name]) => !/^VITEST|^TEST$|^NODE_ENV$/.test(name))
  const env = { ...Object.fromEntries(own), NO_COLOR: '1' }
  return new Promise((end) => {
    execFile(program, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
      end({ code, signal: error?.signal ?? null, stdout, stderr })
    })
  })
}
