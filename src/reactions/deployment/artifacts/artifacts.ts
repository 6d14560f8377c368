import type { Location } from '../../../lake/lake.ts'

/** A model's files in S3. The adapter is in `src/reactions/deployment/aws/artifacts.ts`, the twin in `test/reactions/deployment/artifacts.twin.ts`. */
export interface Artifacts {
  /**
   * Looks at a model's folder before anything is made of it.
   *
   * @throws {Refused} `no-artifacts` (no files, or no MLmodel), `not-pyfunc` (no flavor python_function), `bad-artifacts`
   * (too many files, or names that cannot be files; where `uncompressed`, also what else SageMaker's S3Prefix does not take)
   */
  inspect(folder: Location, uncompressed: boolean): Promise<Inspected>
  /**
   * Makes a `model.tar.gz` of a folder, with constant memory. One that is there already with the same content is left as
   * it is. Answers when it is whole, or `too-slow` where that takes longer than its maker lives: then nothing is left of it.
   */
  pack(folder: Location, to: Location): Promise<'packed' | 'too-slow'>
  /** Gone already is fine. */
  removePackage(at: Location): Promise<void>
}

export interface Inspected {
  /** That logged the model, as its MLmodel says: `3.17.2`. Very old ones say none; `servingVersion` in `mlmodel.ts` refuses those. */
  readonly mlflowVersion?: string
  readonly files: number
  readonly bytes: number
}
