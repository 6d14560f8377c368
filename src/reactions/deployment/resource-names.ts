import { type Location, keyPrefix } from '../../lake/lake.ts'
import type { Model } from './settings.ts'
import { locationUri } from '../../lake/lake.ts'
import type { Version } from '../../registry/ports.ts'
import { type AlarmMetric, alarmMetrics } from './ports.ts'

/** The longest endpoint name that is used whole in its configurations' names, which SageMaker limits to 63 characters. */
const ENDPOINT_PART = 39
/** How much of a longer name is used, followed by a digest. */
const SHORTENED = 30

/**
 * The prefix of an endpoint's models and configurations, used by no other endpoint, since IAM rights are given on it. Endpoint
 * names cannot contain `--v` (`src/lake/names.ts`), and shortened names differ by their digest.
 */
export function configPrefix(endpoint: string, digest: (text: string) => string): string {
  if (endpoint.length <= ENDPOINT_PART) return `${endpoint}--v`
  return `${endpoint.slice(0, SHORTENED).replace(/-+$/, '')}-${digest(endpoint).slice(0, 8)}--v`
}

/**
 * The name of the endpoint configuration, and of the model, that serve this version. It is a digest of everything that goes
 * into them: a second attempt finds the first one's work, and a name never stands for two things. Two endpoints never share
 * one. Roll-out settings are not part of it.
 *
 * @param stack of the lake and stage
 */
export function configName(
  model: Model,
  { version, source }: Pick<Version, 'version' | 'source'>,
  stack: string,
  digest: (text: string) => string,
): string {
  const { registered, image = '', role = '', environment, endpoint } = model
  const content = {
    endpoint: [stack, endpoint.name],
    model: [registered, version, source],
    container: [image, role, Object.entries(environment).toSorted(([a], [b]) => (a < b ? -1 : 1))],
    package: model.package === undefined ? null : locationUri(model.package),
    variant: [endpoint.compute, endpoint.capture ?? null],
  }
  return `${configPrefix(endpoint.name, digest)}${version.slice(0, 12)}-${digest(JSON.stringify(content)).slice(0, 8)}`
}

/** Where the `model.tar.gz` of a configuration is stored. */
export function packageLocation(config: string, { bucket, prefix }: Location): Location {
  return { bucket, prefix: `${keyPrefix({ prefix })}${config}/model.tar.gz` }
}

/** An alarm on the fleet of one configuration. */
export function alarmName(stack: string, config: string, metric: AlarmMetric): string {
  return `${stack}-${config}-${metric}`
}

/** Of every alarm that the fleet may have. */
export function alarmNames(stack: string, config: string): string[] {
  return alarmMetrics.map((metric) => alarmName(stack, config, metric))
}
