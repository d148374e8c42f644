import type { Library } from './library.ts'
import type { Metadata } from './metadata.ts'
import type { KafkaJsSettings } from './settings.ts'

/** What the parts of one client share. */
export interface World {
  readonly library: Library
  readonly metadata: Metadata
  readonly settings: KafkaJsSettings
}
