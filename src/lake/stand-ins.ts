import type { RegistrySettings } from './lake.ts'

/** What there is in place of what the lake says. */
export interface StandIns {
  /** Where the Databricks workspace is. */
  readonly databricks?: string
  /** Where the MLflow servers of one's own are, all of them. */
  readonly mlflow?: string
}

/** Where a registry is found instead of where lake.yml says; `undefined`: there. Nothing stands in for SageMaker's MLflow. */
export function standInOf(kind: RegistrySettings['kind'], { databricks, mlflow }: StandIns): string | undefined {
  if (kind === 'sagemaker') return undefined
  return kind === 'mlflow' ? mlflow : databricks
}
