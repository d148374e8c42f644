/** An error of ajv, as far as it is told. */
export interface Reason {
  /** JSON pointer: names and places of the record. */
  readonly instancePath: string
  /** Made by ajv of what the schema says; names no data. */
  readonly message?: string | undefined
  readonly params: { readonly additionalProperty?: string; readonly unevaluatedProperty?: string }
  /** Set where the name of a property is wrong. */
  readonly propertyName?: string | undefined
}

/** `/items/0/price must be number`. Names of the record may be anything: they are made visible, and cut. */
export function reasonText({ instancePath, message = 'is not valid', params, propertyName }: Reason): string {
  const extra = params.additionalProperty ?? params.unevaluatedProperty
  if (extra !== undefined) return `${placeText(below(instancePath, extra))} is not allowed`
  if (propertyName !== undefined) return `the name ${placeText(below(instancePath, propertyName))} ${message}`
  return `${instancePath === '' ? 'the value' : placeText(instancePath)} ${cut(message)}`
}

function below(path: string, name: string): string {
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function placeText(path: string): string {
  return cut(path).replace(/[\p{C}\u2028\u2029]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text
}

const MOST_CHARACTERS = 200
