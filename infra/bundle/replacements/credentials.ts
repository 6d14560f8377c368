/** Stands in for `@aws-sdk/credential-provider-node` in the bundles: a function's credentials are in its environment. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'
