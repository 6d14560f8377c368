import { isLocal } from '../src/lake/stage.ts'
import type { Resource } from './cloudformation.ts'

/**
 * Of what nobody may lose: it outlives its stack. But not the deploy that made it, should that fail: the next one could not make
 * it again under its name (CloudFormation's documentation, "DeletionPolicy attribute").
 */
export function lasting(stage: string): Pick<Resource, 'DeletionPolicy' | 'UpdateReplacePolicy'> {
  return isLocal(stage)
    ? { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }
    : { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
}
