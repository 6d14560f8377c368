import { parquetMetadata } from 'hyparquet/src/metadata.js'
import type { Seed } from '../parser.ts'

/** The footer and the pages of a Parquet file, each as a part that is put back with the right lengths. */
export function parquetParts(name: string, file: Uint8Array, place: string, answer: string): Seed[] {
  const end = file.length - 8
  const start = end - new DataView(file.buffer, file.byteOffset).getUint32(end, true)
  return [
    { name, bytes: file, place, answer },
    { name: `the footer of ${name}`, bytes: file.slice(start, end), place, answer, wrap: withFooter(file, start) },
  ]
}

function withFooter(file: Uint8Array, start: number): (footer: Uint8Array) => Uint8Array {
  return (footer) => {
    const whole = new Uint8Array(start + footer.length + 8)
    whole.set(file.subarray(0, start))
    whole.set(footer, start)
    new DataView(whole.buffer).setUint32(start + footer.length, footer.length, true)
    whole.set(file.subarray(-4), whole.length - 4)
    return whole
  }
}

/** The column chunks of some leaves: their page headers and pages; a changed length moves what follows. */
export function chunkParts(name: string, file: Uint8Array, place: string, answer: string, leaves: RegExp): Seed[] {
  const { row_groups: groups } = parquetMetadata(file.slice().buffer)
  const metas = groups.flatMap(({ columns }) => columns.flatMap(({ meta_data: meta }) => meta ?? []))
  return metas
    .filter((meta) => leaves.test(meta.path_in_schema.join('.')))
    .map((meta) => {
      const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
      const end = start + Number(meta.total_compressed_size)
      return {
        name: `${meta.path_in_schema.join('.')} of ${name}`,
        bytes: file.slice(start, end),
        place,
        answer,
        // The other offsets of the file must stay: a longer part is cut, a shorter one is filled up.
        wrap: (part) => {
          const whole = file.slice()
          whole.fill(0, start, end)
          whole.set(part.subarray(0, end - start), start)
          return whole
        },
      }
    })
}
