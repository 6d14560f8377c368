/** A finding of checkov that stays, with the reason. */
export interface Accepted {
  /** checkov's id of the rule. */
  readonly rule: string
  /** The logical ids that it may be found on. */
  readonly on: RegExp
  /** True: `kms` in lake.yml mends it, so it is accepted only in a lake without. */
  readonly mendedByKey?: true
  readonly why: string
}

const mendedByKey = true

/**
 * What checkov may find in a template (`scripts/checkov.ts`). `npm run check` fails on any other finding, and on a row that
 * nothing needs any more.
 */
export const accepted: readonly Accepted[] = [
  {
    rule: 'CKV_AWS_27',
    on: /(?:Queue|DeadLetters)$/,
    mendedByKey,
    why: 'without `kms` queues are encrypted with a key of SQS (SqsManagedSseEnabled), which the rule does not count',
  },
  {
    rule: 'CKV_AWS_119',
    on: /^Ledger$/,
    mendedByKey,
    why: 'without `kms` the ledger is encrypted with a key of DynamoDB',
  },
  {
    rule: 'CKV_AWS_158',
    on: /(?:LogGroup|Logs)$/,
    mendedByKey,
    why: 'without `kms` logs are encrypted with a key of CloudWatch',
  },
  {
    rule: 'CKV_AWS_173',
    on: /LambdaFunction$/,
    mendedByKey,
    why: 'without `kms` environments are encrypted with a key of Lambda; they hold names, no secrets',
  },
  {
    rule: 'CKV_AWS_115',
    on: /^WebhookLambdaFunction$/,
    why: 'only with `limits`: AWS refuses reservations in a new account; the throttle of the HTTP API is always there',
  },
  {
    rule: 'CKV_AWS_115',
    on: /^(?!Webhook|Sweep|BucketDashevents|EndpointDashlogs)\w+LambdaFunction$/,
    why: 'its queue invokes it at most MaximumConcurrency times at once, which takes nothing from the rest of the account',
  },
  {
    rule: 'CKV_AWS_115',
    on: /^(?:Sweep|BucketDashevents|EndpointDashlogs)LambdaFunction$/,
    why: 'only its schedule, or CloudFormation, invokes it: once at a time',
  },
  {
    rule: 'CKV_AWS_116',
    on: /^(?!Webhook|Sweep|BucketDashevents|EndpointDashlogs)\w+LambdaFunction$/,
    why: 'it is fed by a queue, and the queue has a dead-letter queue',
  },
  {
    rule: 'CKV_AWS_116',
    on: /^SweepLambdaFunction$/,
    why: 'what fails goes to SweepDeadLetters, by an OnFailure destination',
  },
  {
    rule: 'CKV_AWS_116',
    on: /^(?:Webhook|BucketDashevents|EndpointDashlogs)LambdaFunction$/,
    why: 'its caller gets the answer: the sender of a webhook, or CloudFormation',
  },
  {
    rule: 'CKV_AWS_117',
    on: /LambdaFunction$/,
    why: 'it needs nothing inside of a VPC, and from there it would need a NAT gateway to reach MLflow and Databricks',
  },
  {
    rule: 'CKV_AWS_136',
    on: /^ImageRepository$/,
    why: "it holds only MLflow's public container; ECR cannot change the key of a repository, so `kms` would replace one in use",
  },
  {
    rule: 'CKV_AWS_18',
    on: /^(?:Bucket\w+|ServerlessDeploymentBucket)$/,
    why: 'an access log needs another bucket and is charged by request: data events of CloudTrail are the choice of the owner',
  },
  {
    rule: 'CKV_AWS_21',
    on: /^Bucket\w+$/,
    why: 'a Delta table keeps its own history, and versions would keep, and charge for, what VACUUM deletes',
  },
  {
    rule: 'CKV_AWS_21',
    on: /^ServerlessDeploymentBucket$/,
    why: 'each deploy writes new keys, and osls keeps the last five deploys',
  },
]
