/** The files of bench/files.ts, all with the bytes of one small Parquet file. */
export const BUCKET = 'bench-raw'
export const PREFIX = 'landed'
export const PARTITIONS = 1000
/** In order of their partitions, as a writer writes them. */
export function fileAt(i: number, files: number): string {
  const perPartition = files / PARTITIONS
  const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(i / perPartition))).toISOString().slice(0, 10)
  return `dt=${day}/part-${String(i % perPartition).padStart(5, '0')}.parquet`
}

/** S3's event for a new object in an SQS message, as functions get it. */
export function message(i: number, key: string, size: number): object {
  const event = {
    version: '0',
    id: String(i),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: '2026-11-22T00:00:00Z',
    region: 'us-east-1',
    detail: {
      version: '0',
      bucket: { name: BUCKET },
      object: { key: `${PREFIX}/${key}`, size, etag: `etag-${i}`, sequencer: '0062E99A88DC407460' },
      reason: 'PutObject',
    },
  }
  return sqsRecord(String(i), event)
}

export function sqsRecord(messageId: string, body: object): object {
  return {
    messageId,
    receiptHandle: messageId,
    body: JSON.stringify(body),
    attributes: { ApproximateReceiveCount: '1' },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:bench',
  }
}
