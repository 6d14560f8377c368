import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const SOURCE = join(import.meta.dirname, '../../node_modules/vega-datasets/data/flights-20k.json')

/** A file of JSON lines to upload: the flights of a day. */
export interface Upload {
  /** Relative to the table's location: `dt=2001-01-31/flights.json`. */
  readonly path: string
  readonly text: string
}

interface Flight {
  /** `2001/01/31 21:55` */
  readonly date: string
  /** Minutes. */
  readonly delay: number
}

/** Totals of flights. */
export interface Total {
  readonly rows: number
  /** Minutes. */
  readonly delay: number
}

/** A file for each day of the first quarter of 2001, from vega-datasets, oldest first. */
export async function dailyUploads(): Promise<Upload[]> {
  const flights = JSON.parse(await readFile(SOURCE, 'utf8')) as Flight[]
  const days = Map.groupBy(flights, ({ date }) => date.slice(0, 10).replaceAll('/', '-'))
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, flights]) => ({ path: `dt=${day}/flights.json`, text: linesOf(flights) }))
}

/** A corrected version of the upload: without flights that left early. */
export function corrected({ path, text }: Upload): Upload {
  return { path, text: linesOf(flightsIn(text).filter(({ delay }) => delay >= 0)) }
}

/** Computed from the uploads. */
export function total(uploads: Iterable<Upload>): Total {
  let [rows, delay] = [0, 0]
  for (const { text } of uploads)
    for (const flight of flightsIn(text)) {
      rows += 1
      delay += flight.delay
    }
  return { rows, delay }
}

function flightsIn(text: string): Flight[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Flight)
}

function linesOf(flights: readonly Flight[]): string {
  return `${flights.map((flight) => JSON.stringify(flight)).join('\n')}\n`
}
