/** Text as Glue takes it. Its limits count bytes of UTF-8 where the API reference and the service model differ, which is the stricter reading. */

/** Glue's single-line pattern: no control characters but the tab, no halves of surrogate pairs. */
export function singleLine(text: string): string {
  return text.toWellFormed().replaceAll(/(?:[^\P{Cc}\t]|[\uFFFE\uFFFF])+/gu, ' ')
}

/** Glue's multi-line pattern: line breaks too. */
export function multiLine(text: string): string {
  return text.toWellFormed().replaceAll(/(?:[^\P{Cc}\t\r\n]|[\uFFFE\uFFFF])+/gu, ' ')
}

/** Pieces of at most `length` UTF-16 units, never cut within a character; one piece for an empty text. */
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

/** JSON with the keys of every object in order, so that equal values make equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/**
 * 64 bits of hash in hexadecimal: FNV-1a in two lanes of 32 bits that begin and multiply differently. It tells one
 * record from the next; it keeps no secrets.
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
