import { rewriteLines } from './rewrite-lines.ts'

rewriteLines((line) => {
  const event = JSON.parse(line)
  if (event.event_type !== 'purchase') return undefined
  event.bucket = event.price < 20 ? 'low' : event.price < 100 ? 'medium' : 'high'
  return JSON.stringify(event)
})
