/** Replaces `@aws-sdk/credential-provider-node` in bundles: a Lambda function's credentials are in its environment. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env'
