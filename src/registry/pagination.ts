import { Refused } from '../core/refused.ts'

/** Without a limit, a server that always announces another page would use up the function's time in every run. */
const MAX_PAGES = 200

export interface Page<Item> {
  readonly items: readonly Item[]
  /** The token of the next page; absent or empty on the last one. */
  readonly next?: string
}

/**
 * Reads a list to its last page. A page that leads to itself is the last.
 *
 * @param what the list is of, for the message
 * @throws {Refused} `endless-list` after 200 pages
 */
export async function allPages<Item>(
  what: string,
  page: (token: string | undefined) => Promise<Page<Item>>,
): Promise<Item[]> {
  const found: Item[] = []
  let token: string | undefined
  for (let asked = 0; asked < MAX_PAGES; asked += 1) {
    const { items, next = '' } = await page(token)
    found.push(...items)
    if (next === '' || next === token) return found
    token = next
  }
  throw new Refused(
    'endless-list',
    `listing ${what} did not end after ${MAX_PAGES} pages with ${found.length} entries`,
    {
      subject: what,
      found: `${found.length} in ${MAX_PAGES} pages`,
      advice: 'Delete what is no longer needed, or promote a model with so many versions by alias.',
    },
  )
}
