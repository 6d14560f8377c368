/** The names and ARNs of secrets. */
import type { Fault } from './problem.ts'

/** CreateSecret, Name: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const NAME = '[A-Za-z0-9/_+=.@-]'
const ARN = `arn:aws(?:-[a-z]+)*:secretsmanager:[a-z0-9-]+:\\d{12}:secret:${NAME}{1,512}-[A-Za-z0-9]{6}`

export const secretPattern = `^(?:${NAME}{1,512}|${ARN})$`

/** The partitions of AWS that the beginning of a region's name tells. */
const PARTITIONS: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^(?!.*-iso)/, 'aws'],
]

/**
 * A name or a full ARN. IAM grants rights on the ARN that the secret really has, which ends with a hyphen and six characters
 * that Secrets Manager chose; wildcards would grant rights on other secrets.
 */
export function secretFault(text: string): Fault | undefined {
  const what = 'bad secret'
  if (!new RegExp(secretPattern).test(text)) {
    if (!text.startsWith('arn:'))
      return { what, expected: "a secret's name (letters, digits and /_+=.@-, up to 512), or its full ARN" }
    const expected = 'the full ARN with its random end, as in arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf'
    const [, name] = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:([^:]+)$/.exec(text) ?? []
    const isName = name !== undefined && new RegExp(secretPattern).test(name)
    return { what, expected: `${expected}, or the secret's name`, suggestion: isName ? name : undefined }
  }
  const { partition, region = '' } = secretArn(text) ?? {}
  const fitting = PARTITIONS.find(([start]) => start.test(region))?.[1]
  if (partition === undefined || fitting === undefined || partition === fitting) return undefined
  const suggestion = text.replace(`arn:${partition}:`, `arn:${fitting}:`)
  return { what, expected: `the partition ${fitting}, to which ${region} belongs`, suggestion }
}

/** The parts of a secret's ARN; `undefined` for a name, also for one that ends with a hyphen and six characters. */
export function secretArn(secret: string): { readonly partition: string; readonly region: string } | undefined {
  const [, partition, region] = /^arn:([^:]+):secretsmanager:([^:]+):/.exec(secret) ?? []
  return partition === undefined || region === undefined ? undefined : { partition, region }
}
