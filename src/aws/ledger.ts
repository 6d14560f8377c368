import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import {
  type CountedRejection,
  type Cursor,
  type CursorKey,
  type Ledger,
  newCursor,
  type Rejection,
} from '../core/ledger.ts'

/** A rejection expires 14 days after it was last seen. */
const REJECTION_TTL_SECONDS = 14 * 24 * 3600
/** BatchGetItem takes 100 keys. */
const BATCH = 100

/**
 * The ledger in one DynamoDB table with the keys `pk` and `sk`:
 * a cursor is `table/flights` × `cursor/catalog`, a rejection `rejections` × `landing/unknown-table/s3://…`.
 */
export function dynamoLedger(client: DynamoDBClient, TableName: string): Ledger {
  return {
    async cursor(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: marshall(itemKey(key)), ConsistentRead: true }),
      )
      return Item === undefined ? newCursor(key) : toCursor(unmarshall(Item))
    },

    async save(next) {
      const revision = next.revision + 1
      const condition =
        next.revision === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : { ConditionExpression: 'revision = :seen', ExpressionAttributeValues: marshall({ ':seen': next.revision }) }
      try {
        const Item = marshall({ ...itemKey(next), ...stored(next), revision }, { removeUndefinedValues: true })
        await client.send(new PutItemCommand({ TableName, Item, ...condition }))
        return 'saved'
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict'
        throw error
      }
    },

    async reject(rejection, at) {
      await client.send(rejectionUpdate(TableName, rejection, at))
    },

    async cursors(keys) {
      const found = new Map<string, Cursor>()
      for (let i = 0; i < keys.length; i += BATCH) await batchGet(client, TableName, keys.slice(i, i + BATCH), found)
      return keys.map((key) => found.get(nameOf(key)) ?? newCursor(key))
    },

    async rejections() {
      const found: CountedRejection[] = []
      const query = {
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': 'rejections' }),
      }
      for await (const { Items = [] } of paginateQuery({ client }, query))
        found.push(...Items.map((item) => toRejection(unmarshall(item))))
      return found.sort((a, b) => b.last - a.last)
    },
  }
}

const itemKey = ({ subject, reaction }: CursorKey) => ({ pk: subject, sk: `cursor/${reaction}` })
const nameOf = ({ subject, reaction }: CursorKey) => `${subject} ${reaction}`

function rejectionUpdate(
  TableName: string,
  { source, code, reason, about, sample }: Rejection,
  at: number,
): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName,
    // DynamoDB allows 1,024 bytes of sort key; the first 250 characters tell rejections apart well enough.
    Key: marshall({ pk: 'rejections', sk: `${source}/${code}/${about}`.slice(0, 250) }),
    UpdateExpression:
      'ADD #count :one SET #first = if_not_exists(#first, :at), #last = :at, #source = :source, #code = :code, reason = :reason, about = :about, #sample = :sample, expires = :expires',
    ExpressionAttributeNames: {
      '#count': 'count',
      '#first': 'first',
      '#last': 'last',
      '#source': 'source',
      '#code': 'code',
      '#sample': 'sample',
    },
    ExpressionAttributeValues: marshall({
      ':one': 1,
      ':at': at,
      ':source': source,
      ':code': code,
      ':reason': reason,
      ':about': about,
      ':sample': sample ?? '',
      ':expires': Math.floor(at / 1000) + REJECTION_TTL_SECONDS,
    }),
  })
}

async function batchGet(
  client: DynamoDBClient,
  TableName: string,
  keys: readonly CursorKey[],
  found: Map<string, Cursor>,
): Promise<void> {
  let RequestItems: BatchGetItemCommand['input']['RequestItems'] = {
    [TableName]: { Keys: keys.map((key) => marshall(itemKey(key))) },
  }
  while (RequestItems !== undefined && Object.keys(RequestItems).length > 0) {
    const answer: Awaited<ReturnType<typeof send>> = await send(client, RequestItems)
    for (const item of answer.Responses?.[TableName] ?? []) {
      const cursor = toCursor(unmarshall(item))
      found.set(nameOf(cursor), cursor)
    }
    RequestItems = answer.UnprocessedKeys
  }
}

const send = (client: DynamoDBClient, RequestItems: BatchGetItemCommand['input']['RequestItems']) =>
  client.send(new BatchGetItemCommand({ RequestItems }))

/** A cursor's state is stored under `memo`, its first name. */
function stored({ state, ...cursor }: Cursor): Record<string, unknown> {
  return { ...cursor, memo: state }
}

function toCursor({ pk: _pk, sk: _sk, memo, ...cursor }: Record<string, unknown>): Cursor {
  return { ...cursor, ...(memo !== undefined && { state: memo }) } as unknown as Cursor
}

function toRejection({ pk: _pk, sk: _sk, expires: _expires, ...rejection }: Record<string, unknown>): CountedRejection {
  return rejection as unknown as CountedRejection
}
