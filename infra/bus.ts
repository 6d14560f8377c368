import type { Lake } from '../src/lake/lake.ts'
import { names } from '../src/lake/resource-names.ts'
import type { Resources } from './cloudformation.ts'

/** The logical id of the bus on which Landfall publishes its facts. Its `Ref` is its name. */
export const bus = 'Bus'

export function busResources(lake: Lake): Resources {
  const key = lake.kms === undefined ? {} : { KmsKeyIdentifier: lake.kms }
  return { [bus]: { Type: 'AWS::Events::EventBus', Properties: { Name: names(lake).bus, ...key } } }
}
