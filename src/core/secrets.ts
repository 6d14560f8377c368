/** Reads secrets. The Secrets Manager adapter is `src/aws/secrets.ts`, the twin `test/core/secrets.twin.ts`. */
export interface Secrets {
  /**
   * The text of the secret's current version.
   *
   * @param id name or ARN
   * @throws {Refused} `no-such-secret`
   */
  read(id: string): Promise<string>
}

/** A secret's text as JSON; `undefined` if it is not JSON, because the parser's error would quote some of it. */
export function secretJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
