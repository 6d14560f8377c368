import { SignatureV4 } from '@smithy/signature-v4'

/**
 * Replaces the SDK's signer that supports SigV4A as well, which S3's multi-region access points and EventBridge's global
 * endpoints need. No function calls either, and the SDK's signer itself falls back to this plain one.
 */
export class SignatureV4MultiRegion extends SignatureV4 {
  /** The SDK asks which implementation of SigV4A is available. */
  static sigv4aDependency(): 'none' {
    return 'none'
  }
}
