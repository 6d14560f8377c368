import { distinct } from '../src/core/distinct.ts'
import type { Lake } from '../src/lake/lake.ts'
import { arn, type Value } from './cloudformation.ts'

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly Value[] | '*'
  readonly Condition?: Readonly<Record<string, unknown>>
}

/**
 * Characters for the statements that grow with the lake. IAM allows 10,240 for all inline policies of a role, not counting
 * white space (IAM user guide, "IAM and AWS STS quotas"); the rest is for the other statements.
 */
export function growthBudget(lake: Lake): number {
  return 8_500 - keyRoom(lake)
}

/** For all statements of a policy but those on keys, without the text around them. */
const policyLimit = (lake: Lake): number => 10_000 - keyRoom(lake)

/** For the statements of `keys.ts`: up to four, with each key in two of them. */
function keyRoom({ kms, buckets }: Lake): number {
  const keys = distinct([kms, ...Object.values(buckets).map((bucket) => bucket.kms)].flatMap((key) => key ?? []))
  return keys.length === 0 ? 0 : 900 + 170 * keys.length
}

/** One way to grant rights that grow with the lake. */
export type Candidate = readonly Statement[]

/** The ways to grant them, from the narrowest to the widest. */
export type Candidates = readonly [Candidate, ...Candidate[]]

/** The narrowest candidate that fits into `budget` characters, or the widest of all. */
export function narrowest(candidates: Candidates, budget: number): Candidate {
  return candidates.find((candidate) => policySize(candidate) <= budget) ?? candidates[candidates.length - 1]!
}

/** All statements, granted as narrowly as IAM's limit allows: while they are too long, the longest is replaced by a wider one. */
export function within(lake: Lake, fixed: readonly Statement[], growing: readonly Candidates[]): Statement[] {
  const ways = growing.map((candidates) => [...candidates])
  for (;;) {
    const statements = [...fixed, ...ways.flatMap(([narrowest]) => narrowest!)]
    const [largest] = ways.filter(({ length }) => length > 1).toSorted(([a], [b]) => policySize(b) - policySize(a))
    if (policySize(statements) <= policyLimit(lake) || largest === undefined) return statements
    largest.shift()
  }
}

/** In characters, as IAM counts them, with the longest names of partition and region. */
export function policySize(policy: unknown): number {
  return JSON.stringify(policy)
    .replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1')
    .replaceAll('${AWS::Partition}', 'aws-us-gov')
    .replaceAll('${AWS::Region}', 'ap-southeast-1')
    .replaceAll('${AWS::AccountId}', '123456789012').length
}

/** A list of one statement, or an empty one if there are no resources: IAM rejects an empty list of resources. */
export function statement(
  sid: string,
  actions: readonly string[],
  resources: readonly Value[],
  condition?: Statement['Condition'],
): Statement[] {
  if (resources.length === 0) return []
  return [
    {
      Sid: sid,
      Effect: 'Allow',
      Action: actions,
      Resource: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    },
  ]
}

/** Lets a function write to its own log group. The deploy creates the group; Lambda names its streams. */
export function logs(functionName: string): Statement[] {
  return statement(
    'Logs',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [arn('logs', `log-group:/aws/lambda/${functionName}:log-stream:*`)],
  )
}

/** X-Ray has no resource types (Service Authorization Reference, "AWS X-Ray"). */
export const traces: readonly Statement[] = [
  { Sid: 'Traces', Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
]
