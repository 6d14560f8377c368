import { arn, type Value } from './cloudformation.ts'

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly Value[] | '*'
  readonly Condition?: Readonly<Record<string, unknown>>
}

/**
 * IAM's limit for all inline policies of a role is 10,240 characters, white space apart; some are left for the
 * statements around those that grow with the lake (IAM user guide, "IAM and AWS STS quotas").
 */
export const growthBudget = 8_500

/** Without what is around the statements. */
const POLICY_LIMIT = 10_000

/** One way to say what grows with the lake. */
export type Candidate = readonly Statement[]

/** The ways to say it, from the narrowest to the widest. */
export type Candidates = readonly [Candidate, ...Candidate[]]

/** The first of `candidates`, which go from the narrowest to the widest, that fits into `budget` characters; or the last. */
export function narrowest(candidates: Candidates, budget: number): Candidate {
  return candidates.find((candidate) => policySize(candidate) <= budget) ?? candidates[candidates.length - 1]!
}

/**
 * `fixed`, and all that grows, as narrowly as IAM takes it: while it is too much, what takes most room is said the next wider
 * way.
 */
export function within(fixed: readonly Statement[], growing: readonly Candidates[]): Statement[] {
  const ways = growing.map((candidates) => [...candidates])
  for (;;) {
    const statements = [...fixed, ...ways.flatMap(([narrowest]) => narrowest!)]
    const [largest] = ways.filter(({ length }) => length > 1).toSorted(([a], [b]) => policySize(b) - policySize(a))
    if (policySize(statements) <= POLICY_LIMIT || largest === undefined) return statements
    largest.shift()
  }
}

/** In characters, as IAM counts them, where partition and region have the longest names. */
export function policySize(policy: unknown): number {
  return JSON.stringify(policy)
    .replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1')
    .replaceAll('${AWS::Partition}', 'aws-us-gov')
    .replaceAll('${AWS::Region}', 'ap-southeast-1')
    .replaceAll('${AWS::AccountId}', '123456789012').length
}

/** The statement, unless there is nothing that it would be about: IAM refuses an empty list of resources. */
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

/** To write to the function's own log group. The group is the deploy's to make; its streams are named by Lambda. */
export function logs(functionName: string): Statement[] {
  return statement(
    'Logs',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [arn('logs', `log-group:/aws/lambda/${functionName}:log-stream:*`)],
  )
}

/** X-Ray has no resources that a policy could name (Service Authorization Reference, "AWS X-Ray"). */
export const traces: readonly Statement[] = [
  { Sid: 'Traces', Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
]
