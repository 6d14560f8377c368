/** The longest prefix of `text` of at most `bytes` bytes of UTF-8. Never cuts within a character. */
export function truncateUtf8(text: string, bytes: number): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= bytes) return text
  const buffer = new Uint8Array(Math.min(bytes, text.length * 3))
  const { read } = new TextEncoder().encodeInto(text, buffer)
  return text.slice(0, read)
}
