/** Text as Glue accepts it. Where the API reference and the service model differ, its limits are read as bytes of UTF-8, the stricter reading. */

/** Glue's single-line pattern: no control characters except tabs, no lone surrogates. */
export function singleLine(text: string): string {
  return text.toWellFormed().replaceAll(/(?:[^\P{Cc}\t]|[\uFFFE\uFFFF])+/gu, ' ')
}

/** Glue's multi-line pattern: line breaks are allowed too. */
export function multiLine(text: string): string {
  return text.toWellFormed().replaceAll(/(?:[^\P{Cc}\t\r\n]|[\uFFFE\uFFFF])+/gu, ' ')
}

/** Pieces of at most `length` UTF-16 units that never split a character. An empty text is one piece. */
export function split(text: string, length: number): string[] {
  const pieces: string[] = []
  let start = 0
  while (text.length - start > length) {
    const cut = start + length
    const end = isLowSurrogate(text.charCodeAt(cut)) ? cut - 1 : cut
    pieces.push(text.slice(start, end))
    start = end
  }
  return [...pieces, text.slice(start)]
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc_00 && unit <= 0xdf_ff
}

/** `undefined` for what is not JSON, such as a parameter that somebody edited by hand. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON with sorted keys, so that equal values give equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/**
 * A 64-bit hash in hexadecimal: FNV-1a in two lanes of 32 bits with different seeds and factors. It detects changes, and is
 * not meant for security.
 */
export function hash(text: string): string {
  let a = 0x81_1c_9d_c5
  let b = 0x9e_37_79_b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01_00_01_93)
    b = Math.imul(b ^ unit, 0x85_eb_ca_6b)
    b ^= b >>> 15
  }
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}
