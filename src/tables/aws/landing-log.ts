import { gunzipSync, gzipSync } from 'node:zlib'
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { LandedObject, LandingStore, LandingVersion } from '../landing/landing-log.ts'

/** Longer than a message can wait: dead letters (14 days) and EventBridge's retries (a day) together. */
const GONE_TTL_SECONDS = 16 * 24 * 3600
/** BatchWriteItem takes 25 items. */
const DELETES = 25

/**
 * The landing logs in the ledger's table, by partition and sort key: a version is `log/uploads` × its number, an object's
 * state `object/uploads` × its key, the progress of a comparison `mark/uploads` × `mark`. A version's files are one
 * compressed attribute, so that 99 of the longest keys stay far below DynamoDB's 400 kB an item.
 */
export function dynamoLandingLog(client: DynamoDBClient, TableName: string): LandingStore {
  return {
    newest: (table) => newest(client, TableName, table),
    objects: (table, keys) => objects(client, TableName, table, keys),
    append: (table, version, states) => append(client, TableName, table, version, states),

    async *read(table, after, version) {
      // BETWEEN refuses limits in the wrong order.
      if (version <= after) return
      const between = { ':from': numberKey(after + 1), ':to': numberKey(version) }
      for await (const item of query(client, TableName, `log/${table}`, 'sk BETWEEN :from AND :to', between))
        yield toVersion(item)
    },

    async *walk(table, after) {
      const [condition, values] = after === undefined ? [undefined, {}] : ['sk > :after', { ':after': after }]
      for await (const item of query(client, TableName, `object/${table}`, condition, values)) yield toObject(item)
    },

    async expire(table, upTo, limit) {
      const last = Math.min(upTo, (await newest(client, TableName, table)) - 1)
      if (last < 0 || limit <= 0) return 0
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk <= :last',
          ExpressionAttributeValues: marshall({ ':pk': `log/${table}`, ':last': numberKey(last) }),
          ProjectionExpression: 'pk, sk',
          Limit: limit,
        }),
      )
      for (let i = 0; i < Items.length; i += DELETES) await remove(client, TableName, Items.slice(i, i + DELETES))
      return Items.length
    },

    async mark(table) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: marshall(markKey(table)), ConsistentRead: true }),
      )
      return Item === undefined ? undefined : (unmarshall(Item)['after'] as string | undefined)
    },

    async saveMark(table, after) {
      const Item = marshall({ ...markKey(table), after }, { removeUndefinedValues: true })
      await client.send(new PutItemCommand({ TableName, Item }))
    },
  }
}

/** Padded, so that text sorts as the numbers do. */
const numberKey = (version: number) => String(version).padStart(15, '0')
const markKey = (table: string) => ({ pk: `mark/${table}`, sk: 'mark' })

async function newest(client: DynamoDBClient, TableName: string, table: string): Promise<number> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': `log/${table}` }),
      ProjectionExpression: 'sk',
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    }),
  )
  const [item] = Items
  return item === undefined ? -1 : Number(unmarshall(item)['sk'])
}

async function objects(
  client: DynamoDBClient,
  TableName: string,
  table: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, LandedObject>> {
  const found = new Map<string, LandedObject>()
  let pending: BatchGetItemCommand['input']['RequestItems'] =
    keys.length === 0
      ? undefined
      : { [TableName]: { Keys: keys.map((sk) => marshall({ pk: `object/${table}`, sk })), ConsistentRead: true } }
  while (pending !== undefined && Object.keys(pending).length > 0) {
    const answer: Awaited<ReturnType<typeof batchGet>> = await batchGet(client, pending)
    for (const item of answer.Responses?.[TableName] ?? []) {
      const object = toObject(unmarshall(item))
      found.set(object.key, object)
    }
    pending = answer.UnprocessedKeys
  }
  return found
}

const batchGet = (client: DynamoDBClient, RequestItems: BatchGetItemCommand['input']['RequestItems']) =>
  client.send(new BatchGetItemCommand({ RequestItems }))

/** The SDK sends a client request token, so its retry after a lost answer is not a second transaction. */
async function append(
  client: DynamoDBClient,
  TableName: string,
  table: string,
  version: LandingVersion | undefined,
  states: readonly LandedObject[],
): Promise<'appended' | 'conflict'> {
  const put = (item: Record<string, unknown>, seen: number): TransactWriteItem => ({
    Put: {
      TableName,
      Item: marshall(item, { removeUndefinedValues: true }),
      ...(seen === 0
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: marshall({ ':seen': seen }) }),
    },
  })
  const TransactItems = states.map((state) => put(objectItem(table, state), state.revision))
  if (version !== undefined) TransactItems.push(put(versionItem(table, version), 0))
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }))
    return 'appended'
  } catch (error) {
    if (error instanceof TransactionCanceledException && isLostRace(error)) return 'conflict'
    throw error
  }
}

/** Another writer was first, or is writing now. Any other reason (throttling, a bad item) is an error. */
function isLostRace({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  const codes = CancellationReasons.map(({ Code = 'None' }) => Code).filter((code) => code !== 'None')
  return codes.length > 0 && codes.every((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict')
}

function objectItem(table: string, { key, ...state }: LandedObject): Record<string, unknown> {
  const expires = state.content === undefined ? Math.floor(state.at / 1000) + GONE_TTL_SECONDS : undefined
  return { pk: `object/${table}`, sk: key, ...state, revision: state.revision + 1, expires }
}

function toObject({ pk: _pk, sk, expires: _expires, ...state }: Record<string, unknown>): LandedObject {
  return { key: sk, ...state } as LandedObject
}

interface PackedFiles {
  readonly added: readonly (readonly [path: string, size: number])[]
  readonly removed: readonly string[]
}

function versionItem(
  table: string,
  { version, timestamp, added, removed, removedBytes }: LandingVersion,
): Record<string, unknown> {
  const packed: PackedFiles = { added: added.map(({ path, size }) => [path, size]), removed }
  return {
    pk: `log/${table}`,
    sk: numberKey(version),
    timestamp,
    removedBytes,
    files: gzipSync(JSON.stringify(packed)),
  }
}

function toVersion({ sk, timestamp, removedBytes, files }: Record<string, unknown>): LandingVersion {
  const { added, removed } = JSON.parse(gunzipSync(files as Uint8Array).toString('utf8')) as PackedFiles
  return {
    version: Number(sk),
    timestamp: timestamp as number,
    added: added.map(([path, size]) => ({ path, size })),
    removed,
    ...(typeof removedBytes === 'number' && { removedBytes }),
  }
}

async function* query(
  client: DynamoDBClient,
  TableName: string,
  pk: string,
  condition: string | undefined,
  values: Record<string, unknown>,
): AsyncGenerator<Record<string, unknown>> {
  const pages = paginateQuery(
    { client },
    {
      TableName,
      KeyConditionExpression: condition === undefined ? 'pk = :pk' : `pk = :pk AND ${condition}`,
      ExpressionAttributeValues: marshall({ ':pk': pk, ...values }),
      ConsistentRead: true,
    },
  )
  for await (const { Items = [] } of pages) for (const item of Items) yield unmarshall(item)
}

async function remove(client: DynamoDBClient, TableName: string, keys: readonly Key[]): Promise<void> {
  let pending: Writes = { [TableName]: keys.map((Key) => ({ DeleteRequest: { Key } })) }
  while (pending !== undefined && Object.keys(pending).length > 0)
    pending = (await client.send(new BatchWriteItemCommand({ RequestItems: pending }))).UnprocessedItems
}

type Writes = BatchWriteItemCommand['input']['RequestItems']
type Key = Record<string, AttributeValue>
