/** The rules for the texts of `models` and `registries` in lake.yml. Each returns what is wrong, or nothing. */
import { durationFault, parseDuration } from '../../lake/duration.ts'
import { matches } from '../../lake/names.ts'
import type { Fault } from '../../lake/problem.ts'

type Rule = (text: string) => Fault | undefined

const second = 1000
const hour = 3600 * second

/** MLflow's registries store 256 bytes of a name; the registry checks the rest. */
export const registeredFault: Rule = (text) => {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const isValid = text.trim() !== '' && text.length <= 255 && !/[\u0000-\u001f\u007f]/.test(text)
  return isValid ? undefined : { what: 'bad model name', expected: '1 to 255 characters, and not blanks alone' }
}

/** https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names: three names without dots, blanks and slashes. */
export const catalogModelFault: Rule = (text) =>
  matches(
    text,
    '^[^.\\s/]+\\.[^.\\s/]+\\.[^.\\s/]+$',
    'bad model name',
    'catalog.schema.model, as Unity Catalog has it',
  )

export const aliasPattern = '^[A-Za-z0-9_-]{1,255}$'

/** MLflow reserves `latest` and `v12` for versions, in any letter case. */
export const aliasFault: Rule = (text) => {
  const guess = text.trim().replaceAll(/[^A-Za-z0-9_-]+/g, '-')
  const bad = matches(text, aliasPattern, 'bad alias', 'letters, digits, _ and -', guess)
  if (bad !== undefined) return bad
  const reserved = text.toLowerCase() === 'latest' || /^v\d+$/i.test(text)
  return reserved
    ? { what: 'bad alias', expected: 'an alias that MLflow does not reserve, as latest and v1' }
    : undefined
}

/** The prefix of Landfall's own tags: setting one wakes nothing. */
const OWN_TAGS = 'landfall.'

/** MLflow allows 250 characters. */
export const tagKeyFault: Rule = (text) => {
  const what = 'bad tag'
  if (text.startsWith(OWN_TAGS))
    return { what, expected: `a tag that does not begin with ${OWN_TAGS}, as Landfall's own do` }
  const isValid = text.trim() !== '' && text.length <= 250
  return isValid ? undefined : { what, expected: '1 to 250 characters' }
}

/** CreateModel, EnvironmentKey: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html */
export const variablePattern = '^[A-Za-z_][A-Za-z0-9_]{0,1023}$'

export const variableFault: Rule = (text) => {
  const expected = 'a letter or _, then up to 1023 letters, digits or _'
  return matches(text, variablePattern, 'bad name of a variable', expected, text.replaceAll(/\W+/g, '_'))
}

/** CreateModel, EnvironmentValue. */
export const variableValueFault: Rule = (text) =>
  text.length <= 1024 ? undefined : { what: 'text too long', expected: 'at most 1024 characters' }

/** ContainerDefinition, Image: registry/repository, then either a tag or a digest. */
export const imagePattern =
  '^[a-z0-9-]+(?:\\.[a-z0-9-]+)+/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\\w[\\w.-]{0,127}|@sha256:[0-9a-f]{64})$'

export const imageFault: Rule = (text) => {
  const expected = 'REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:DIGEST, of at most 255 characters'
  if (text.length > 255) return { what: 'bad image', expected }
  return matches(text, imagePattern, 'bad image', expected, text.replace(/^https?:\/\//, ''))
}

/** CreateModel, ExecutionRoleArn. */
export const rolePattern = '^arn:aws[a-z-]*:iam::\\d{12}:role/[\\w+=,.@/-]+$'

export const roleFault: Rule = (text) =>
  matches(text, rolePattern, 'bad role', 'the ARN of an IAM role, as in arn:aws:iam::123456789012:role/serving')

/** CaptureContentTypeHeader, JsonContentTypes and CsvContentTypes: a `+` or a parameter is not allowed. */
export const contentTypePattern = '^[A-Za-z0-9](?:-*[A-Za-z0-9])*/[A-Za-z0-9](?:-*[A-Za-z0-9.])*$'

export const contentTypeFault: Rule = (text) => {
  const [type = ''] = text.split(';')
  const expected =
    'TYPE/SUBTYPE of letters, digits, hyphens and, in the subtype, dots; without parameters, at most 256 characters'
  if (text.length > 256) return { what: 'bad content type', expected }
  return matches(text, contentTypePattern, 'bad content type', expected, type.trim())
}

/** What MLflow's scoring server takes as text: `CONTENT_TYPES` in `mlflow/pyfunc/scoring_server`. Parquet is binary. */
export const captured = { json: 'application/json', csv: 'text/csv' } as const

export const percentPattern = '^(?:100|[1-9]?[0-9])(?:\\.[0-9]+)?%$'

export const percentFault: Rule = (text) => {
  const percent = percentOf(text)
  if (percent !== undefined) return undefined
  const suggestion = percentOf(`${text.trim()}%`) === undefined ? undefined : `${text.trim()}%`
  return {
    what: 'bad percentage',
    expected: 'more than 0% and at most 100%, as in 10%',
    ...(suggestion !== undefined && { suggestion }),
  }
}

/** 10 for `10%`; `undefined` where the text is no percentage of something. */
export function percentOf(text: string): number | undefined {
  const percent = new RegExp(percentPattern).test(text) ? Number(text.slice(0, -1)) : 0
  return percent > 0 && percent <= 100 ? percent : undefined
}

/**
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html, and no `--v`: what comes before it in
 * the names of an endpoint's configurations is the endpoint's own (`configPrefix` of the deployment reaction).
 */
export const endpointPattern = '^[a-zA-Z0-9](?:-?[a-zA-Z0-9]|--+[a-uw-zA-UW-Z0-9]){0,62}$'

export const endpointFault: Rule = (text) => {
  const expected = '1 to 63 letters, digits and hyphens, with no hyphen at an end and no --v'
  const shorter = text.replaceAll(/-+/g, '-')
  const long = { what: 'bad endpoint name', expected, ...(shorter.length <= 63 && { suggestion: shorter }) }
  return text.length > 63 ? long : matches(text, endpointPattern, 'bad endpoint name', expected, shorter)
}

export const instancePattern = '^ml\\.[a-z0-9-]+\\.[a-z0-9-]+$'

export const instanceFault: Rule = (text) =>
  matches(text, instancePattern, 'bad instance type', 'a SageMaker instance type, as in ml.m5.large', `ml.${text}`)

/** SageMaker takes whole percentages of fleets and of requests (CapacitySize, InitialSamplingPercentage). */
export function wholePercentFault(least: number, most: number): Rule {
  return (text) => {
    const bad = percentFault(text)
    const percent = percentOf(text) ?? 0
    if (bad === undefined && Number.isInteger(percent) && percent >= least && percent <= most) return undefined
    const suggestion = bad?.suggestion !== undefined && wholePercentFault(least, most)(bad.suggestion) === undefined
    return {
      what: 'bad percentage',
      expected: `a whole percentage from ${least}% to ${most}%`,
      ...(suggestion && { suggestion: bad.suggestion }),
    }
  }
}

/** TrafficRoutingConfig and RollingUpdatePolicy, WaitIntervalInSeconds: 0 to 3600. */
export const bakeFault: Rule = (text) => {
  const ms = parseDuration(text)
  if (ms === undefined) return durationFault(text)
  return ms % second === 0 && ms <= hour ? undefined : { what: 'bad bake', expected: 'whole seconds, at most 1 h' }
}

export const latencyFault: Rule = (text) => {
  const ms = parseDuration(text)
  if (ms === undefined) return durationFault(text)
  return ms > 0 ? undefined : { what: 'bad latency', expected: 'more than nothing, as in 500 ms' }
}

export const memoryPattern = '^(?:[1-6] ?GB|(?:1024|2048|3072|4096|5120|6144) ?MB)$'

/** ProductionVariantServerlessConfig, MemorySizeInMB; in MB, of which a GB has 1024 here. `undefined` for any other text. */
export function parseMemory(text: string): number | undefined {
  if (!new RegExp(memoryPattern).test(text)) return undefined
  const count = Number.parseInt(text, 10)
  return text.endsWith('GB') ? count * 1024 : count
}

export const memoryFault: Rule = (text) => {
  const [, count] = /^\s*([1-6])\s*gi?b?\s*$/i.exec(text) ?? []
  const guess = count === undefined ? undefined : `${count} GB`
  return matches(text, memoryPattern, 'bad memory', '1 GB to 6 GB, in whole GB', guess)
}
