import * as fc from 'fast-check'

/** How a server or a proxy may spell what it was sent. Each keeps the order of characters. */
export const forms: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  percent: encodeURIComponent,
  'percent in lower case': (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()),
  'percent of a form': (text) => new URLSearchParams([['', text]]).toString().slice(1),
  'percent twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'JSON of JavaScript': (text) => JSON.stringify(text).slice(1, -1),
  'JSON of PHP': (text) =>
    ascii(
      JSON.stringify(text)
        .slice(1, -1)
        .replaceAll('/', String.raw`\/`),
    ),
  'JSON of Python': (text) => ascii(JSON.stringify(text).slice(1, -1)),
  'JSON in JSON': (text) => JSON.stringify(ascii(JSON.stringify(text))).slice(3, -3),
  'HTML of Python': (text) => html(text).replaceAll("'", '&#x27;').replaceAll('"', '&quot;'),
  'HTML of Jinja': (text) => html(text).replaceAll("'", '&#39;').replaceAll('"', '&#34;'),
  'HTML of Handlebars': (text) =>
    html(text).replaceAll("'", '&#x27;').replaceAll('/', '&#x2F;').replaceAll('=', '&#x3D;'),
  'HTML twice': (text) => html(html(text)),
}

/** In these forms a beginning of the text is the form of another text. */
export const isBase64 = (form: string): boolean => form.startsWith('base64')

const ascii = (text: string) =>
  text.replaceAll(/[\u0080-\uffff]/g, (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const html = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Of letters, digits and everything that is escaped somewhere. */
const units = fc.constantFrom(
  ...Array.from('aZ09._-~+/=%&#?!\'"<>{}()\\ :;,@$*|^`'),
  'ü',
  'é',
  '€',
  '密',
  '😀',
  '\u00a0',
)
const ascii94 = fc.constantFrom(...Array.from('aZ0k9._-~+/=%&#?!\'"<>{}()\\:;,@$*|^`'))

/** What neither begins nor ends with a blank, which a header would lose. */
export const secrets: fc.Arbitrary<string> = fc
  .array(units, { minLength: 4, maxLength: 60 })
  .map((parts) => parts.join('').trim())
  .filter((text) => text.length >= 4)

/** What an `Authorization: Bearer` header can hold. */
export const tokens: fc.Arbitrary<string> = fc
  .array(ascii94, { minLength: 4, maxLength: 80 })
  .map((parts) => parts.join(''))

/** Where in an answer it stands: before, around and over the 500 characters that are shown; and whether it is cut off there. */
export const places: fc.Arbitrary<Place> = fc.record({
  before: fc.oneof(fc.nat(10), fc.integer({ min: 440, max: 510 }), fc.integer({ min: 0, max: 1200 })),
  after: fc.oneof(fc.constant(0), fc.nat(700)),
  /** How much of it is there. */
  share: fc.oneof(
    fc.constant(1),
    fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  ),
})
export interface Place {
  readonly before: number
  readonly after: number
  readonly share: number
}

/** What a server says that repeats a text. */
export function echo(text: string, { before, after, share }: Place): string {
  const told = Array.from(text)
  const cut = told.slice(0, Math.ceil(told.length * share)).join('')
  // The connection ends where the text is cut off.
  return `${'said '.repeat(before / 5)}${'.'.repeat(before % 5)}${cut}${share === 1 ? ' said'.repeat(after / 5) : ''}`
}
