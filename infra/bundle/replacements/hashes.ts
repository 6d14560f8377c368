/**
 * Stands in for the SDK's hashes in JavaScript, which are for a Node without those of its own (one in FIPS mode has no
 * MD5). Lambda's has them, so none of these is ever made there.
 */
class NoHash {
  readonly digestLength = 0

  constructor() {
    throw new Error(
      'this Node lacks MD5, SHA-1 or SHA-256, and the bundle was made without a substitute: see infra/bundle/options.ts',
    )
  }
}

export { NoHash as Md5Js, NoHash as Sha1Js, NoHash as Sha256Js }
