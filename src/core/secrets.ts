/** Secrets Manager, as much of it as is needed. The adapter is in `src/aws/secrets.ts`, the twin in `test/core/secrets.twin.ts`. */
export interface Secrets {
  /**
   * The text of the secret's current version.
   *
   * @param id name or ARN
   * @throws {Refused} `no-such-secret`
   */
  read(id: string): Promise<string>
}

/** What a secret's text says as JSON; `undefined` where it is none: an error of the parser would repeat some of it. */
export function secretJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
