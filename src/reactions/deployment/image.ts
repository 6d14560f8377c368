/** The container that serves a model. The adapter (ECR, CodeBuild) is in `src/reactions/deployment/aws/images.ts`, the twin in `test/reactions/deployment/images.twin.ts`. */
export interface Images {
  /**
   * MLflow's container for models that this version of MLflow logged. Where it is missing, a build of it is started, once,
   * whoever asks meanwhile.
   *
   * @throws {Refused} `image-build-failed` where the last build of it failed; `no-image` where nothing can build it
   */
  find(mlflowVersion: string): Promise<Image>
}

export type Image =
  | { readonly kind: 'ready'; readonly uri: string }
  /** `build`: CodeBuild's id of it. */
  | { readonly kind: 'building'; readonly build: string }
