import { resolve } from 'node:path'
import { names } from '../src/lake/resource-names.ts'
import type { Lake } from '../src/lake/lake.ts'
import type { Value } from './cloudformation.ts'
import { maxReceives, queueTimeouts } from './queues.ts'

/** The account id of the emulator's root user. */
const EMULATOR_ACCOUNT = '000000000000'

/**
 * `environment` of `stack.ts` for functions that run in this checkout (`serverless invoke local`, `serverless offline`)
 * against an emulator that the lake is deployed to. There is no CloudFormation to resolve references, and the lake's file is
 * in this checkout, not next to the bundle.
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
  }
}

/** Resolves a function's own variables: plain texts, and `Fn::Sub` with pseudo parameters. */
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
  throw new Error(`only texts and Fn::Sub can be resolved outside of CloudFormation, not ${JSON.stringify(value)}`)
}
