/**
 * Replaces the SDK's hashes in JavaScript. They are for a Node without built-in ones, as in FIPS mode, where MD5 is missing.
 * Lambda's Node has them all, so none of these is ever created there.
 */
class NoHash {
  readonly digestLength = 0

  constructor() {
    throw new Error(
      'this Node lacks MD5, SHA-1 or SHA-256, and the bundle does not contain a substitute: see infra/bundle/options.ts',
    )
  }
}

export { NoHash as Md5Js, NoHash as Sha1Js, NoHash as Sha256Js }
