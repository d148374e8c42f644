import { rewriteLines } from './rewrite-lines.ts'

rewriteLines((line) => JSON.stringify(JSON.parse(line)))
