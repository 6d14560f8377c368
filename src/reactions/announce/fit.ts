/** Keeps a fact below what EventBridge takes. */
import { type Capped, type CommitSummary, LISTED } from './facts.ts'

/** Bytes. PutEvents takes 256 kB a call (EventBridge user guide, "Event size"), with what is around the detail. */
export const LARGEST_FACT = 200_000

/** UTF-8 bytes of what is published. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}

/** The same summary, with shorter lists where it would be too large; their counts stay. */
export function fitted(summary: CommitSummary, largest = LARGEST_FACT): CommitSummary {
  let fit = summary
  for (let listed = LISTED; listed > 0 && jsonBytes(fit) > largest;) {
    listed = Math.floor(listed / 2)
    fit = shortened(summary, listed)
  }
  return fit
}

/** Every list of a fact that can be long, cut to `listed` items. */
function shortened(summary: CommitSummary, listed: number): CommitSummary {
  const { partitions, schema, properties, protocol } = summary
  const items = <Item>(all: readonly Item[]): Item[] => all.slice(0, listed)
  const cut = <Item>({ count, first }: Capped<Item>): Capped<Item> => ({ count, first: items(first) })
  const features = (of: Protocol): Protocol => ({
    ...of,
    readerFeatures: items(of.readerFeatures),
    writerFeatures: items(of.writerFeatures),
  })
  return {
    ...summary,
    partitions: { ...partitions, first: items(partitions.first) },
    ...(schema && { schema: shortenedSchema(schema, cut, items) }),
    ...(properties && { properties: cut(properties) }),
    ...(protocol && {
      protocol: { ...(protocol.from && { from: features(protocol.from) }), to: features(protocol.to) },
    }),
  }
}

type Schema = NonNullable<CommitSummary['schema']>
type Protocol = NonNullable<CommitSummary['protocol']>['to']

function shortenedSchema(
  { added, dropped, renamed, changed, partitionColumns }: Schema,
  cut: <Item>(list: Capped<Item>) => Capped<Item>,
  items: <Item>(all: readonly Item[]) => Item[],
): Schema {
  return {
    ...(added && { added: cut(added) }),
    ...(dropped && { dropped: cut(dropped) }),
    ...(renamed && { renamed: cut(renamed) }),
    ...(changed && { changed: cut(changed) }),
    ...(partitionColumns && {
      partitionColumns: { from: items(partitionColumns.from), to: items(partitionColumns.to) },
    }),
  }
}
