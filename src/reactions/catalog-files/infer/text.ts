/** Types of values in text, as Athena's SerDes read them. */

const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/
/** The form of java.sql.Timestamp, the only one that Athena reads from text. Times with ISO's `T` or a zone stay strings. */
const TIMESTAMP = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?$/
/** No leading zeros: `007` is text. */
const INTEGER = /^-?(?:0|[1-9]\d*)$/
const FRACTION = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const LONG = { min: -(2n ** 63n), max: 2n ** 63n - 1n }

/** The type of a number by its text: `12` is an integer, `12.0` and `1e3` are not. */
export function numberType(source: string): string {
  if (!INTEGER.test(source)) return 'double'
  const digits = source.replace('-', '').length
  if (digits < 19) return 'long'
  // BigInt is slow on long texts.
  if (digits === 19 && BigInt(source) >= LONG.min && BigInt(source) <= LONG.max) return 'long'
  return digits <= 38 ? `decimal(${digits},0)` : 'double'
}

/** The type of a JSON string. */
export function stringType(text: string): string {
  if (DATE.test(text)) return 'date'
  return TIMESTAMP.test(text) ? 'timestamp_ntz' : 'string'
}

/** The type of a CSV value. */
export function cellType(text: string): string {
  if (text === '') return 'void'
  if (FRACTION.test(text)) return numberType(text)
  return /^(?:true|false)$/i.test(text) ? 'boolean' : stringType(text)
}
