/** The longest beginning of `text` that takes at most `bytes` bytes of UTF-8, never cut within a character. */
export function truncateUtf8(text: string, bytes: number): string {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= bytes) return text
  const buffer = new Uint8Array(Math.min(bytes, text.length * 3))
  const { read } = new TextEncoder().encodeInto(text, buffer)
  return text.slice(0, read)
}
