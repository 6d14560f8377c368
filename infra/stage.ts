import type { Resource } from './cloudformation.ts'

/** The stage that `npm start` and `npm test` deploy to the emulator, whose data nobody will miss. */
export function isLocal(stage: string): boolean {
  return stage === 'local'
}

/**
 * Of what nobody may lose: it outlives its stack. But not the deploy that made it, should that fail: the next one could not make
 * it again under its name (CloudFormation's documentation, "DeletionPolicy attribute").
 */
export function lasting(stage: string): Pick<Resource, 'DeletionPolicy' | 'UpdateReplacePolicy'> {
  return isLocal(stage)
    ? { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }
    : { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
}
