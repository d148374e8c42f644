import { rewriteLines } from './rewrite-lines.ts'

rewriteLines((line) => line)
