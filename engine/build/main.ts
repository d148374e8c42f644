import { chmod, writeFile } from 'node:fs/promises'
import { bundle } from './bundle.ts'
import { writeChecks } from './checks.ts'
import { licensesOf } from './licenses.ts'

// The second half of `npm run build`, after the compiler: what makes a start short.
await writeChecks('dist/checks')
const modules = await bundle('dist/bundle')
await writeFile('dist/bundle/LICENSES.txt', await licensesOf(modules))
await chmod('dist/bundle/streamrun.js', 0o755)
