/**
 * Every error that streamrun can raise, in one table: what it means, what to do, and the exit code that it ends a
 * process with. The README's list is generated from it, and a test holds table, documentation and uses together.
 */

/** Exit codes of the process (README, "Exit codes"). */
export const EXIT = {
  done: 0,
  defect: 1,
  usage: 64,
  testFailed: 65,
  inputMissing: 66,
  unavailable: 69,
  stopped: 70,
  cannotCreate: 73,
  io: 74,
  locked: 75,
  definition: 78,
  shutdownTimeout: 124,
  secondSignal: 130,
} as const

export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.done]: 'done: the input has ended, or a signal asked to stop and everything accepted is safe',
  [EXIT.defect]: 'a defect in streamrun or in a plugin',
  [EXIT.usage]: 'the command line is wrong',
  [EXIT.testFailed]: '`streamrun test`: something did not come out as expected',
  [EXIT.inputMissing]: 'an input that must be there is missing',
  [EXIT.unavailable]: 'a service could not be reached at start',
  [EXIT.stopped]:
    'stopped by on_error: stop, by the dead-letter breaker, or after retry.attempts; in `eval`, a record failed',
  [EXIT.cannotCreate]: 'an output cannot be created',
  [EXIT.io]: 'an I/O error or a corrupt file',
  [EXIT.locked]: 'the state belongs to another process or to another definition',
  [EXIT.definition]: 'the definition is wrong',
  [EXIT.shutdownTimeout]: 'the shutdown took longer than --shutdown-timeout; nothing is lost',
  [EXIT.secondSignal]: 'a second signal ended the process at once; nothing is lost',
}

interface ErrorEntry {
  readonly exit: number
  /** What it means, as a sentence. */
  readonly meaning: string
  /** What the reader can do about it, as a sentence. */
  readonly remedy: string
}

export const ERRORS = {
  SR_USAGE: { exit: EXIT.usage, meaning: 'The command line is wrong.', remedy: 'See `streamrun --help`.' },
  SR_DEFECT: {
    exit: EXIT.defect,
    meaning: 'Something happened that the code rules out.',
    remedy: 'Report it with the log; after a restart the pipeline goes on from its last checkpoint.',
  },
  SR_PLUGIN_DEFECT: {
    exit: EXIT.defect,
    meaning: 'A plugin threw where its contract says that it does not.',
    remedy: 'Report it to the author of the plugin; a bad record must go through `out.fail`.',
  },
  SR_INPUT_MISSING: {
    exit: EXIT.inputMissing,
    meaning: 'An input that is read to its end is not there.',
    remedy: 'Create it or correct its name; file-tail with `follow: true` and kafka without `until` wait for theirs.',
  },
  SR_OUTPUT_CREATE: {
    exit: EXIT.cannotCreate,
    meaning: 'A file or folder for output cannot be created.',
    remedy: 'Check the path and the permissions of its parent folder.',
  },
  SR_OUTPUT_CLOSED: {
    exit: EXIT.io,
    meaning: 'The reader of the output closed it.',
    remedy: 'Records that it did not take are delivered again at the next start.',
  },
  SR_IO: {
    exit: EXIT.io,
    meaning: 'The operating system reported an error that cannot be waited out.',
    remedy: 'Check the disk; after a restart the pipeline goes on from its last checkpoint.',
  },
  SR_LOG_CORRUPT: {
    exit: EXIT.io,
    meaning: 'A durable log holds bytes that it did not write.',
    remedy: 'Check the disk. Restore its folder from a backup, or remove that folder and start over with --fresh.',
  },
  SR_LOG_VERSION: {
    exit: EXIT.io,
    meaning: 'A durable log was written by a newer version of streamrun.',
    remedy: 'Run that version, or start over with --fresh.',
  },
  SR_KAFKA_UNAVAILABLE: {
    exit: EXIT.unavailable,
    meaning: 'No broker of the Kafka cluster can be reached.',
    remedy: 'Check `brokers`, that one of them runs, and whether it wants TLS (`ssl`).',
  },
  SR_KAFKA_AUTH: {
    exit: EXIT.unavailable,
    meaning: 'The Kafka cluster does not let us in, or not do what was asked.',
    remedy: 'Check `sasl` on the connection, and what the brokers allow this user.',
  },
  SR_KAFKA_TOPIC: {
    exit: EXIT.unavailable,
    meaning: 'There is no such topic, or it is not as it has to be.',
    remedy: 'Correct its name, or create it; the message says what is wrong with it.',
  },
  SR_KAFKA_OFFSETS: {
    exit: EXIT.io,
    meaning: 'A topic does not hold the records that a position or a checkpoint points at.',
    remedy: 'See what happened to the topic. `offset_reset` says where to read on; --fresh gives up the state.',
  },
  SR_KAFKA_FENCED: {
    exit: EXIT.locked,
    meaning: 'Another writer has taken over the transactional id, or the transaction took too long and was aborted.',
    remedy: 'See whether the same pipeline runs twice. A restart goes on from what was committed.',
  },
  SR_KAFKA_TAKEN_OVER: {
    exit: EXIT.locked,
    meaning: 'Another process has read on in place of this one, whose state knows nothing of what was read there.',
    remedy: 'Nothing is lost: start it again. It stands by until it is its turn, and goes on from its own checkpoint.',
  },
  SR_SINK_CHANGED: {
    exit: EXIT.io,
    meaning: 'An output file is not the file that the checkpoint describes.',
    remedy: 'Put it back, or start over with --fresh or --reset-state NAME.',
  },
  SR_INPUT_CHANGED: {
    exit: EXIT.io,
    meaning: 'An input file is not the file that was read before.',
    remedy: 'Put it back, or read the new one from its beginning with --fresh or --reset-state NAME.',
  },
  SR_INPUT_HEADER: {
    exit: EXIT.io,
    meaning: 'The header of an input file cannot be used.',
    remedy: 'The message says why: correct the file, or the options that it names.',
  },
  SR_OUTPUT_HEADER: {
    exit: EXIT.cannotCreate,
    meaning: 'An output file that is there begins with another header than the one to be written.',
    remedy: 'Move it away, or name its columns in `csv.columns`.',
  },
  SR_STATE_LOCKED: {
    exit: EXIT.locked,
    meaning: 'Another process runs with the same state folder, or with the same embedded topics.',
    remedy:
      'Stop it, let this one wait with --standby, or give it a folder of its own: of state with --state-dir, of topics with `topics_dir` of the connection.',
  },
  SR_STATE_MISMATCH: {
    exit: EXIT.locked,
    meaning: 'The state was written by another definition.',
    remedy: 'Restore the definition, or give up the state of the named component with --reset-state NAME.',
  },
  SR_ON_ERROR_STOP: {
    exit: EXIT.stopped,
    meaning: 'A record failed and on_error is stop.',
    remedy: 'Correct the record or the definition; the next start reads it again.',
  },
  SR_BREAKER: {
    exit: EXIT.stopped,
    meaning: 'Too many records failed in a short time.',
    remedy: 'Look into the dead letters: a definition that fails most records is usually wrong.',
  },
  SR_SHUTDOWN_TIMEOUT: {
    exit: EXIT.shutdownTimeout,
    meaning: 'What was under way could not be delivered within --shutdown-timeout.',
    remedy: 'Nothing is lost: it is read again at the next start. See what the slow sink waits for.',
  },
  SR_RETRY_EXHAUSTED: {
    exit: EXIT.stopped,
    meaning: 'A sink still failed after retry.attempts attempts.',
    remedy: 'Bring the service back; the next start delivers what is missing.',
  },
  SR_DEFINITION_UNREADABLE: {
    exit: EXIT.definition,
    meaning: 'The pipeline file cannot be read.',
    remedy: 'Check the path and its permissions.',
  },
  SR_YAML_SYNTAX: {
    exit: EXIT.definition,
    meaning: 'The file is not valid YAML.',
    remedy: 'Correct it where the caret points; quote text that holds `: `, ` #`, `{` or `[`.',
  },
  SR_YAML_DUPLICATE_KEY: {
    exit: EXIT.definition,
    meaning: 'A key stands twice in one map.',
    remedy: 'Remove or rename one of them.',
  },
  SR_YAML_TAG: {
    exit: EXIT.definition,
    meaning: 'A value has a tag that YAML itself does not define.',
    remedy: 'Remove the tag.',
  },
  SR_YAML_ALIAS: {
    exit: EXIT.definition,
    meaning: 'An alias refers to nothing, to itself, or the aliases of the file expand to too much.',
    remedy: 'Write the values out.',
  },
  SR_YAML_DEPTH: {
    exit: EXIT.definition,
    meaning: 'The file is nested deeper than any definition needs to be.',
    remedy: 'Write it flatter.',
  },
  SR_YAML_DOCUMENTS: {
    exit: EXIT.definition,
    meaning: 'The file holds more than one YAML document.',
    remedy: 'One pipeline, one file: remove the `---`.',
  },
  SR_YAML_SIZE: {
    exit: EXIT.definition,
    meaning: 'The file is larger than 1 MiB.',
    remedy: 'Split it into several pipelines, or move data out of it.',
  },
  SR_YAML_INTEGER: {
    exit: EXIT.definition,
    meaning: 'A whole number is too large to be kept exactly.',
    remedy: 'Quote it if it is text; else stay below 2^53.',
  },
  SR_PLACEHOLDER: {
    exit: EXIT.definition,
    meaning: 'A placeholder is malformed.',
    remedy: 'Write `${NAME}`, `${NAME:-default}`, `${NAME:?message}` or `${file:path}`; `$${` stands for `${`.',
  },
  SR_VARIABLE_MISSING: {
    exit: EXIT.definition,
    meaning: 'An environment variable that the definition needs is not set, or empty.',
    remedy: 'Set it, or give a default: `${NAME:-default}`.',
  },
  SR_FILE_REFERENCE: {
    exit: EXIT.definition,
    meaning: 'A file that the definition refers to cannot be used.',
    remedy: 'Check the path; relative ones start at, and stay within, the folder of the definition.',
  },
  SR_TABLE_INVALID: {
    exit: EXIT.definition,
    meaning: 'A file is no table: it cannot be read as what its name says, or its rows have no key of their own.',
    remedy: 'Correct it where the message says.',
  },
  SR_SCHEMA_INVALID: {
    exit: EXIT.definition,
    meaning: 'A JSON Schema is not valid.',
    remedy: 'Correct it where the message says; it is read as draft 2020-12.',
  },
  SR_UNKNOWN_KEY: {
    exit: EXIT.definition,
    meaning: 'A key is not one that is known here.',
    remedy: 'Correct the spelling; `schemas/` lists every key.',
  },
  SR_WRONG_TYPE: {
    exit: EXIT.definition,
    meaning: 'A value is of another type than the option takes.',
    remedy: 'Write what the message asks for; quote text that YAML reads as something else.',
  },
  SR_MISSING_OPTION: {
    exit: EXIT.definition,
    meaning: 'An option without a default is missing.',
    remedy: 'Add it.',
  },
  SR_BAD_VALUE: {
    exit: EXIT.definition,
    meaning: 'A value is not one that the option takes.',
    remedy: 'Choose one of those that the message names.',
  },
  SR_BAD_UNIT: {
    exit: EXIT.definition,
    meaning: 'A duration or a size has no unit, or an unknown one.',
    remedy: 'Write `250ms`, `10s`, `5m`, `1h`, `7d`; `512B`, `64KiB`, `1MiB`, `2GiB`.',
  },
  SR_BAD_NAME: {
    exit: EXIT.definition,
    meaning: 'A name is not made of lower-case letters, digits and dashes, or does not begin with a letter.',
    remedy: 'Rename it.',
  },
  SR_DUPLICATE_NAME: {
    exit: EXIT.definition,
    meaning: 'Two components, or two pipelines of one command, have the same name.',
    remedy: 'Rename one of them.',
  },
  SR_UNKNOWN_PLUGIN: {
    exit: EXIT.definition,
    meaning: 'There is no plugin of this type.',
    remedy: 'Correct the spelling, or name its package or file under `plugins:`.',
  },
  SR_PLUGIN_LOAD: {
    exit: EXIT.definition,
    meaning: 'A plugin cannot be loaded.',
    remedy: 'Check the path or install the package; its default export must be a plugin or a list of them.',
  },
  SR_UNKNOWN_INPUT: {
    exit: EXIT.definition,
    meaning: 'A `from` names no component with an output.',
    remedy: 'Name a source, a channel or a processor.',
  },
  SR_UNKNOWN_CONNECTION: {
    exit: EXIT.definition,
    meaning: 'A component names a connection that is not there, or of another type.',
    remedy: 'Correct the name, or add it under `connections:`.',
  },
  SR_UNKNOWN_PORT: {
    exit: EXIT.definition,
    meaning: 'A `from` names a port that the component does not have.',
    remedy: 'Name one of its ports.',
  },
  SR_INPUT_NEEDED: {
    exit: EXIT.definition,
    meaning: 'What a component reads cannot be told from its place.',
    remedy: 'Write `from:`.',
  },
  SR_CYCLE: {
    exit: EXIT.definition,
    meaning: 'Components feed each other in a circle.',
    remedy: 'Break it.',
  },
  SR_CHANNEL_BYPASSED: {
    exit: EXIT.definition,
    meaning: 'What waited in a durable channel, or in a topic, meets again with what went round it.',
    remedy: 'Let what goes round it pass a durable channel too.',
  },
  SR_UNREACHABLE: {
    exit: EXIT.definition,
    meaning: 'A component has no effect: no source leads to it, or nobody reads it.',
    remedy: 'Connect it with `from:`, or remove it.',
  },
  SR_UNREAD_PORT: {
    exit: EXIT.definition,
    meaning: 'Nobody reads an output, so its records would be lost.',
    remedy: 'Read it with `from: name` or `from: name.port`.',
  },
  SR_TWO_WRITERS: {
    exit: EXIT.definition,
    meaning: 'Two sinks, or two pipelines, would write to one place.',
    remedy: 'Give each a path, or a topic, of its own.',
  },
  SR_EXPRESSION_SYNTAX: {
    exit: EXIT.definition,
    meaning: 'An expression is not valid JSONata.',
    remedy: 'Correct it where the caret points.',
  },
  SR_EXPRESSION_NAME: {
    exit: EXIT.definition,
    meaning:
      'An expression names a variable, a function or a field that there cannot be, or hands a function what it cannot take.',
    remedy:
      'Correct it where the caret points; the functions are listed in the reference of expressions. `$exists(name)` and `name ?? ...` may ask for any field.',
  },
  SR_TEMPLATE_SYNTAX: {
    exit: EXIT.definition,
    meaning: 'A template is malformed.',
    remedy: 'Correct it where the caret points; `{{` and `%%` stand for `{` and `%`.',
  },
  SR_TEMPLATE_ESCAPES: {
    exit: EXIT.definition,
    meaning: 'A templated path could leave its base folder.',
    remedy: 'Move the `..` before the first placeholder, at the beginning of the path, or write an absolute path.',
  },
  SR_DELIVERY_UNMET: {
    exit: EXIT.definition,
    meaning: 'A path gives less than the definition asks for.',
    remedy: 'Change the part that the message names, or say on the sink that less is enough there.',
  },
  SR_TEST_CASE: {
    exit: EXIT.definition,
    meaning: 'A case of a test file cannot be run as it stands.',
    remedy: 'The message says why; README, "Trying and testing", shows what a case may say.',
  },
  SR_OPTION_REFUSED: {
    exit: EXIT.definition,
    meaning: 'A plugin refuses its options.',
    remedy: 'The message says why.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

/** What is wrong with a pipeline file. */
export type DefinitionErrorCode = {
  [C in ErrorCode]: (typeof ERRORS)[C]['exit'] extends typeof EXIT.definition ? C : never
}[ErrorCode]

/** An error that ends a pipeline. Its message says where and what; the table says what it means and what to do. */
export class StreamrunError extends Error {
  readonly code: ErrorCode
  /** The component it happened in, if any. */
  readonly component: string | undefined

  constructor(code: ErrorCode, message: string, options: { component?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'StreamrunError'
    this.code = code
    this.component = options.component
  }

  get exitCode(): number {
    return ERRORS[this.code].exit
  }
}

/** Why one record could not be handled: it goes to the dead letters (or as `on_error` says), and the rest flows on. */
export const RECORD_ERRORS = {
  SR_JSON_INVALID: {
    meaning: 'The bytes are not one JSON value.',
    remedy: 'Correct the writer, or read the file with `codec: lines`.',
  },
  SR_TEXT_ENCODING: {
    meaning: 'The bytes are not valid UTF-8, or not valid in the encoding that the source names.',
    remedy: 'Correct the writer; the original bytes are kept in the dead letter as base64.',
  },
  SR_LINE_TOO_LONG: {
    meaning: 'The line, or the event of several lines, is longer than max_line_bytes.',
    remedy: 'Raise `max_line_bytes`, or write `on_long_line: cut`.',
  },
  SR_CSV_INVALID: {
    meaning: 'The line is no row of CSV: its quotes are wrong.',
    remedy: 'Correct the writer, or `csv.quote` and `csv.delimiter`; what the quotes joined is read line by line.',
  },
  SR_CSV_RAGGED: {
    meaning: 'The row has more or fewer fields than the header.',
    remedy: 'Correct the writer, or say with `ragged` what is to be made of such rows.',
  },
  SR_CSV_TYPE: {
    meaning: 'A field is not of the type that `columns` gives its column, or too large to keep its digits.',
    remedy: 'Correct the writer, or leave the column text.',
  },
  SR_CSV_TOO_LONG: {
    meaning: 'The row is longer than max_record_bytes.',
    remedy: 'Raise `max_record_bytes`.',
  },
  SR_TIME_MISSING: {
    meaning: 'The record has no time where `timestamp.from` says.',
    remedy: 'Correct the writer, or give `from` another place to look: `ordered_at ? ordered_at : created_at`.',
  },
  SR_TIME_UNREADABLE: {
    meaning: 'The time of the record is not written as `timestamp.format` says.',
    remedy: 'Correct the writer or the format; the dead letter shows the value.',
  },
  SR_TIME_FUTURE: {
    meaning: 'The record is dated further ahead of the clock than max_future.',
    remedy: 'Set the clock of the writer right, or raise `timestamp.max_future`.',
  },
  SR_EXPRESSION_FAILED: {
    meaning: 'An expression raised an error on this record.',
    remedy: 'Look at the value with the expression beside it; guard it with `$exists(...)`.',
  },
  SR_EXPRESSION_LIMIT: {
    meaning: 'An expression used more time, depth or length than it may.',
    remedy: 'Simplify the expression.',
  },
  SR_EXPRESSION_EMPTY: {
    meaning: 'An expression yielded nothing where a value is needed.',
    remedy: 'Give a default, such as `field ? field : "none"`, or filter such records out first.',
  },
  SR_RECORD_SHAPE: {
    meaning: 'The record has not the shape that this step needs.',
    remedy: 'Filter such records out, or transform them first.',
  },
  SR_GENERATE_FAILED: {
    meaning: 'A field of this record could not be generated.',
    remedy: 'Correct the arguments of the method that the message names.',
  },
  SR_INVALID: {
    meaning: 'The record does not meet the JSON Schema of a validate.',
    remedy: 'The message says where; correct the writer or the schema, or read the port `invalid`.',
  },
  SR_LATE: {
    meaning: 'The record came when every window that could have taken it was closed.',
    remedy: 'Raise `lateness`, or `out_of_orderness` at the source; or read the port `late`.',
  },
  SR_STATE_FULL: {
    meaning: 'A step remembers as many keys, or as much, as it may, and the record would need more.',
    remedy: 'Raise `max_keys` or `max_state`, or keep less: shorter windows, fewer keys.',
  },
  SR_NO_ROW: {
    meaning: 'There is no row in a table for the record.',
    remedy: 'Add the row, or say what becomes of such records with `missing`.',
  },
  SR_UNROUTED: {
    meaning: 'No case of a route takes the record.',
    remedy: 'Add a case, or say with `otherwise` where such records go.',
  },
  SR_PATH_UNSAFE: {
    meaning: 'A path made from this record would leave its folder or cannot be a file name.',
    remedy: 'Clean the field that the template uses.',
  },
  SR_ENCODE_FAILED: {
    meaning: 'The value cannot be written with the codec of this sink.',
    remedy: 'Choose another codec, or transform the record first.',
  },
  SR_REJECTED: {
    meaning: 'The destination refused this record.',
    remedy: 'The message says what the destination said.',
  },
} as const satisfies Record<string, Omit<ErrorEntry, 'exit'>>

export type RecordErrorCode = keyof typeof RECORD_ERRORS

interface RecordErrorOptions {
  readonly expression?: string
  readonly position?: number | undefined
  readonly cause?: unknown
}

/** The reason why one record is refused. Messages name fields and codes, never the record's data (J-7). */
export class RecordError extends Error {
  readonly code: RecordErrorCode
  /** The expression it happened in, if any. */
  readonly expression: string | undefined
  /** Offset of what went wrong in the expression, as far as it is known. */
  readonly position: number | undefined

  constructor(code: RecordErrorCode, message: string, options: RecordErrorOptions = {}) {
    // It is about the record, not about a place in the code: a stack would be most of what it weighs, and it costs time.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = limit
    this.name = 'RecordError'
    this.code = code
    this.expression = options.expression
    this.position = options.position
  }
}

/** A fault that may pass by itself (a full disk, a broker away): the engine calls again, under back-pressure. */
export class RetryableError extends Error {
  /** `reason` is what the operator reads while it lasts: a short phrase such as `disk full`. */
  constructor(reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause })
    this.name = 'RetryableError'
  }
}

/** The pipeline was told to stop while a sink was waiting: what it did not take is read again at the next start. */
export class GaveUpError extends Error {
  constructor(component: string, reason: string) {
    super(`stopped while ${component} was waiting (${reason}); what it did not take is read again at the next start`)
    this.name = 'GaveUpError'
  }
}

/** For plugin authors: `throw retryable('disk full', error)`. */
export function retryable(reason: string, cause?: unknown): RetryableError {
  return new RetryableError(reason, cause)
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
