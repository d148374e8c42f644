import { describeCase } from './report.ts'
import type { CaseResult } from './run-case.ts'
import type { TestFile } from './test-file.ts'

/** What became of one test file. */
export interface FileResult {
  readonly tests: Pick<TestFile, 'file' | 'text'>
  readonly cases: readonly { readonly result: CaseResult; readonly seconds: number }[]
}

/** The results in the XML that build servers read (https://github.com/testmoapp/junitxml). */
export function junitXml(files: readonly FileResult[]): string {
  const suites = files.map(({ tests, cases }) => {
    const failed = cases.filter(({ result }) => isFailed(result)).length
    const seconds = cases.reduce((sum, one) => sum + one.seconds, 0)
    const attributes = `name="${escaped(tests.file)}" tests="${cases.length}" failures="${failed}" time="${seconds.toFixed(3)}"`
    return `  <testsuite ${attributes}>\n${cases.map((one) => caseXml(one, tests)).join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`
}

function caseXml({ result, seconds }: FileResult['cases'][number], tests: FileResult['tests']): string {
  const attributes = `classname="${escaped(tests.file)}" name="${escaped(result.case.name)}" time="${seconds.toFixed(3)}"`
  if (!isFailed(result)) return `    <testcase ${attributes}/>\n`
  const [, ...lines] = describeCase(result, tests)
  const message = escaped((lines[0] ?? '').trim())
  const text = escaped(lines.map((line) => line.trim()).join('\n'))
  return `    <testcase ${attributes}>\n      <failure message="${message}">${text}</failure>\n    </testcase>\n`
}

export function isFailed({ failures, stopped }: CaseResult): boolean {
  return failures.length > 0 || stopped !== undefined
}

/** XML 1.0 has no characters for most control codes at all. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  return allowed.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
