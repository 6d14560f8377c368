import { resolve } from 'node:path'
import { names } from '../src/lake/resource-names.ts'
import type { Lake } from '../src/lake/lake.ts'
import type { Value } from './cloudformation.ts'
import { maxReceives, queueTimeouts } from './queues.ts'

/** The account that the emulator gives to its root user. */
const EMULATOR_ACCOUNT = '000000000000'

/**
 * What {@link environment} is for a function that runs in this checkout, by `serverless invoke local` or `serverless
 * offline`, against an emulator that the lake is deployed to: there is no CloudFormation to resolve references then, and
 * the lake's file lies here, not beside the code.
 */
export function environmentHere(lake: Lake, lakeFile: string, endpoint: string): Readonly<Record<string, string>> {
  const called = names(lake)
  const queues = Object.keys(queueTimeouts(lake)).map((name) => [
    name,
    `${endpoint}/${EMULATOR_ACCOUNT}/${called.queue(name)}`,
  ])
  return {
    LAKE_FILE: resolve(lakeFile),
    LEDGER_TABLE: called.ledger,
    BUS_NAME: called.bus,
    QUEUES: JSON.stringify(Object.fromEntries(queues)),
    MAX_RECEIVES: String(maxReceives),
    POWERTOOLS_SERVICE_NAME: called.stack,
    POWERTOOLS_METRICS_NAMESPACE: 'Landfall',
  }
}

/** Variables of a function's own with their references resolved: `Fn::Sub` of pseudo parameters, and plain texts. */
export function resolvedHere(
  values: Readonly<Record<string, Value>>,
  region: string,
): Readonly<Record<string, string>> {
  const pseudo: Readonly<Record<string, string>> = {
    Partition: 'aws',
    AccountId: EMULATOR_ACCOUNT,
    Region: region,
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      textOf(value).replaceAll(/\$\{AWS::(\w+)\}/g, (_, parameter: string) => pseudo[parameter]!),
    ]),
  )
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if ('Fn::Sub' in value) return value['Fn::Sub']
  throw new Error(`only a text can be worked out here, not ${JSON.stringify(value)}`)
}
