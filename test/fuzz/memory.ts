import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { reactionInfra } from '../../infra/index.ts'

/** MB of a Lambda function, as it is deployed. */
export function memoryOf(lambda: string): number {
  if (Object.hasOwn(reactionInfra, lambda)) return reactionInfra[lambda as keyof typeof reactionInfra].memory
  const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8')
  // Its tags (!GetAtt) are CloudFormation's.
  const memory = parseDocument(text, { logLevel: 'silent' }).getIn(['provider', 'memorySize'])
  if (typeof memory !== 'number') throw new Error('serverless.yml: expected provider.memorySize to be a number of MB')
  return memory
}

/** MB of V8's heap: Lambda's runtime gives a function about nine tenths of its memory. */
export function heapOf(lambda: string): number {
  return Math.floor(memoryOf(lambda) * 0.9)
}
