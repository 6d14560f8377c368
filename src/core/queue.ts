/** Delays the redelivery of a failed message. The SQS adapter is in `src/aws/queue.ts`. */
export interface Queue {
  /** Redelivers the message `seconds` from now; SQS allows 43,200. */
  delay(queueArn: string, receiptHandle: string, seconds: number): Promise<void>
}
