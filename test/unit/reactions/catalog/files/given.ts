/** An Avro container with this schema and no records (Avro specification, "Object Container Files"). */
export function avroFile(schema: unknown): Uint8Array {
  const text = (value: string): number[] => {
    const bytes = [...new TextEncoder().encode(value)]
    return [...long(bytes.length), ...bytes]
  }
  const pairs = [
    ...(schema === undefined ? [] : [['avro.schema', JSON.stringify(schema)] as const]),
    ['avro.codec', 'null'] as const,
  ]
  const metadata = pairs.flatMap(([key, value]) => [...text(key), ...text(value)])
  return Uint8Array.from([
    0x4f,
    0x62,
    0x6a,
    1,
    ...long(pairs.length),
    ...metadata,
    0,
    ...Array.from({ length: 16 }, () => 7),
  ])
}

/** Variable-length zig-zag. */
function long(value: number): number[] {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
