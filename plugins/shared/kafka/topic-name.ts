import { type Fault, fault } from '../fault.ts'

/** Kafka's rule for names. None that keeps it leads out of the folder of embedded topics. */
export function isTopicName(name: string): boolean {
  return name !== '' && canBegin(name) && name !== '.' && name !== '..'
}

function canBegin(text: string): boolean {
  return /^[a-zA-Z0-9._-]{0,249}$/.test(text)
}

export const TOPIC_NAME_RULE = 'letters, digits, `.`, `_` and `-`, at most 249 of them'

/** What is wrong with a topic that is written at `path`. */
export function topicNameFaults(name: string, path: Fault['path']): Fault[] {
  return isTopicName(name) ? [] : [badName(name, path)]
}

/** Of a template, what stands before its first placeholder has to be the beginning of a name. */
export function topicTemplateFaults(template: string, path: Fault['path']): Fault[] {
  const [beginning] = template.split(/[{%]/, 1) as [string]
  if (beginning === template) return topicNameFaults(template, path)
  return canBegin(beginning) ? [] : [badName(template, path)]
}

function badName(name: string, path: Fault['path']): Fault {
  return fault(path, 'SR_BAD_VALUE', `"${name}" is no name of a topic`, TOPIC_NAME_RULE)
}
