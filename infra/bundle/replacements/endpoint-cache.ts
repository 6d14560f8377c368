/**
 * Replaces `@aws-sdk/endpoint-cache` in bundles. The DynamoDB client creates one for endpoint discovery, which is off by
 * default and which Landfall does not turn on.
 */
export class EndpointCache {
  get(): never {
    throw new Error('this bundle does not contain endpoint discovery: see infra/bundle/options.ts')
  }
}
