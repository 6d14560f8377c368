import { SignatureV4 } from '@smithy/signature-v4'

/**
 * Stands in for the SDK's signer that also knows SigV4A, for S3's multi-region access points and EventBridge's global
 * endpoints: no function of ours calls either, and the plain signer is what it falls back to.
 */
export class SignatureV4MultiRegion extends SignatureV4 {
  /** The SDK asks which implementation of SigV4A there is. */
  static sigv4aDependency(): 'none' {
    return 'none'
  }
}
