/**
 * Stands in for `@aws-sdk/endpoint-cache` in the bundles. The DynamoDB client makes one for endpoint discovery, which is
 * off unless it is asked for, and which Landfall does not ask for.
 */
export class EndpointCache {
  get(): never {
    throw new Error('this bundle was made without endpoint discovery: see infra/bundle/options.ts')
  }
}
