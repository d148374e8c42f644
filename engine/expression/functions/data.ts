import { createRequire } from 'node:module'
import type Bowser from 'bowser'
import type { StreamrunFunction } from './index.ts'

const require = createRequire(import.meta.url)

export const dataFunctions: Readonly<Record<string, StreamrunFunction>> = {
  parse_json: {
    signature: '<s-:x>',
    parameters: 'text',
    about: 'The value that a JSON text holds; nothing where the text is no JSON.',
    examples: [
      { expression: '$parse_json(body).user', input: { body: '{"user": "ada"}' }, result: 'ada' },
      { expression: '$parse_json("{") ?? $string("broken")', result: 'broken' },
    ],
    implement: () => parseJson,
  },
  parse_url: {
    signature: '<s-:o>',
    parameters: 'text',
    about:
      'The parts of an absolute address, as browsers read it: `scheme`, `user`, `host`, `port`, `path`, `query` (as `$parse_query` gives it), `fragment`, and only those that are there. A password is left out. Nothing where the text is no address.',
    examples: [
      {
        expression: '$parse_url("https://ada:pw@Shop.example:8443/cart?id=7&tag=a&tag=b#top")',
        result: {
          scheme: 'https',
          user: 'ada',
          host: 'shop.example',
          port: 8443,
          path: '/cart',
          query: { id: '7', tag: ['a', 'b'] },
          fragment: 'top',
        },
      },
      { expression: '$exists($parse_url("/cart"))', result: false },
    ],
    implement: () => parseUrl,
  },
  parse_query: {
    signature: '<s-:o>',
    parameters: 'text',
    about:
      'The fields of a query or of a form, with or without the `?` before them; a name that comes more than once has a list of values. Values are text.',
    examples: [{ expression: '$parse_query("?q=a+b&page=2&q=%C3%A9")', result: { q: ['a b', 'é'], page: '2' } }],
    implement: () => (text?: string) => (text === undefined ? undefined : fieldsOf(new URLSearchParams(text))),
  },
  parse_user_agent: {
    signature: '<s-:o>',
    parameters: 'text',
    about:
      'What a `User-Agent` header says of `browser`, `os`, `device` and `engine`, as far as the package `bowser` knows it; nothing where it knows neither browser nor system. Of a longer header the first 512 characters are read.',
    examples: [
      {
        expression: '$parse_user_agent(agent)',
        input: { agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' },
        result: {
          browser: { name: 'Firefox', version: '128.0' },
          os: { name: 'Linux' },
          device: { type: 'desktop' },
          engine: { name: 'Gecko', version: '20100101' },
        },
      },
      { expression: '$exists($parse_user_agent("?"))', result: false },
    ],
    implement: () => parseUserAgent,
  },
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseUrl(text: string | undefined) {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return present({
    scheme: url.protocol.slice(0, -1),
    user: decoded(url.username),
    host: url.hostname,
    port: url.port === '' ? '' : Number(url.port),
    path: url.pathname,
    query: url.search === '' ? '' : fieldsOf(url.searchParams),
    fragment: url.hash.slice(1),
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `defineProperty`, because assigning to `__proto__` would change the prototype (CF-10). */
function fieldsOf(parameters: URLSearchParams): Record<string, unknown> {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of parameters) {
    const known = fields.get(name)
    if (known === undefined) fields.set(name, value)
    else if (typeof known === 'string') fields.set(name, [known, value])
    else known.push(value)
  }
  return Object.fromEntries(fields)
}

/** Some patterns of the package restart at each character; those with ambiguous repetitions end with them, and cannot fail late. */
const LONGEST_USER_AGENT = 512

function parseUserAgent(text: string | undefined) {
  if (text === undefined || text === '') return undefined
  const { browser, os, platform, engine } = bowser().parse(text.slice(0, LONGEST_USER_AGENT))
  if (browser.name === '' && os.name === undefined) return undefined
  const parts = {
    browser: present({ name: browser.name, version: browser.version }),
    os: present({ name: os.name, version: os.version }),
    device: present({ type: platform.type, vendor: platform.vendor, model: platform.model }),
    engine: present({ name: engine.name, version: engine.version }),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0))
}

/** Loaded by the first call: most pipelines have none. */
function bowser(): typeof Bowser {
  return require('bowser')
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''))
}
