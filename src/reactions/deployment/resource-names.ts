import { type Location, type Model, keyPrefix } from '../../lake/lake.ts'
import { locationUri } from '../../lake/lake.ts'
import type { Version } from '../../registry/ports.ts'
import { type AlarmMetric, alarmMetrics } from './ports.ts'

/** How much of an endpoint's name is in those of its configurations, so that all of them fit into SageMaker's 63 characters. */
const ENDPOINT_PART = 39
/** Of a longer name, how much is in them beside its digest. */
const SHORTENED = 30

/**
 * What the names of an endpoint's models and configurations begin with, and those of no other endpoint: rights are given on
 * what begins so. Names of endpoints have no `--v` in them (`src/lake/names.ts`), and those that are cut differ by a digest.
 */
export function configPrefix(endpoint: string, digest: (text: string) => string): string {
  if (endpoint.length <= ENDPOINT_PART) return `${endpoint}--v`
  return `${endpoint.slice(0, SHORTENED).replace(/-+$/, '')}-${digest(endpoint).slice(0, 8)}--v`
}

/**
 * The name of the endpoint configuration, and of the model, that serve this version: made from all that they are made of, so
 * that a second attempt finds the first one's work, and a name never stands for something else. How traffic moves there is
 * no part of it. Nor do two endpoints share one, of whichever lake and stage.
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

/** Where the `model.tar.gz` of a configuration lies. */
export function packageLocation(config: string, { bucket, prefix }: Location): Location {
  return { bucket, prefix: `${keyPrefix({ prefix })}${config}/model.tar.gz` }
}

/** An alarm on the fleet of one configuration. `stack` is what all names of the lake begin with. */
export function alarmName(stack: string, config: string, metric: AlarmMetric): string {
  return `${stack}-${config}-${metric}`
}

/** All that there may be. */
export function alarmNames(stack: string, config: string): string[] {
  return alarmMetrics.map((metric) => alarmName(stack, config, metric))
}
