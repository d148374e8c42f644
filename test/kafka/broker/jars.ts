import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The lines of Apache Kafka that the suite runs against. */
export const KAFKA_VERSIONS = ['3.9.2', '4.3.1'] as const

/**
 * The folder with the jars of a broker: fetched once by the system's Maven, from where it is set up to fetch, and kept
 * outside the repository. `STREAMRUN_KAFKA_CACHE` names another place.
 */
export async function jarsOf(version: string): Promise<string> {
  const folder = join(cacheFolder(), version)
  if (!existsSync(folder)) await fetchJars(version, folder)
  return folder
}

function cacheFolder(): string {
  const { STREAMRUN_KAFKA_CACHE, XDG_CACHE_HOME } = process.env
  return STREAMRUN_KAFKA_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'streamrun', 'kafka')
}

/** Into a folder beside it, renamed when it is whole: what was cut off half-way is not taken for the jars. */
async function fetchJars(version: string, folder: string): Promise<void> {
  mkdirSync(cacheFolder(), { recursive: true })
  const work = mkdtempSync(join(cacheFolder(), 'fetching-'))
  try {
    writeFileSync(join(work, 'pom.xml'), pomOf(version))
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'jars')}`]
    await promisify(execFile)('mvn', ['-q', '-B', ...goal], { cwd: work })
    // Another run may have been quicker.
    if (!existsSync(folder)) renameSync(join(work, 'jars'), folder)
  } finally {
    rmSync(work, { recursive: true })
  }
}

function pomOf(version: string): string {
  const wanted = [`org.apache.kafka:kafka_2.13:${version}`, `org.apache.kafka:kafka-tools:${version}`]
  // 3.x is compiled against log4j 1, 4.x against log4j 2.
  const logging = version.startsWith('3.')
    ? ['org.slf4j:slf4j-reload4j:1.7.36']
    : ['org.apache.logging.log4j:log4j-slf4j-impl:2.25.3', 'org.apache.logging.log4j:log4j-core:2.25.3']
  const dependencies = [...wanted, ...logging].map((one) => {
    const [group, artifact, number] = one.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version></dependency>`
  })
  return `<project><modelVersion>4.0.0</modelVersion>
<groupId>streamrun</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`
}
