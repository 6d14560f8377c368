import { Refused } from '../core/refused.ts'

/** Whoever answers with ever another page would be asked until the function's end, in every run. */
const MOST = 200

export interface Page<Item> {
  readonly items: readonly Item[]
  /** What the next one is asked for with; absent or empty: there is none. */
  readonly next?: string | undefined
}

/**
 * A list to its last page; one that leads to itself is the last.
 *
 * @param what is listed, for the message
 * @throws {Refused} `endless-list` after 200 pages
 */
export async function allPages<Item>(
  what: string,
  page: (token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const found: Item[] = []
  let token: string | undefined
  for (let asked = 0; asked < MOST; asked += 1) {
    const { items, next = '' } = await page(token)
    found.push(...items)
    if (next === '' || next === token) return found
    token = next
  }
  throw new Refused('endless-list', `${what}: no end after ${MOST} pages and ${found.length} of them`, {
    subject: what,
    found: `${found.length} in ${MOST} pages`,
    advice: 'Delete what is not needed any more; a model with so many versions is promoted by alias.',
  })
}
