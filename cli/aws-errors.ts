import { CommandError } from './command.ts'

/** Names of the errors of AWS services and SDKs. */
const NOT_FOUND = ['ResourceNotFoundException', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']
const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError']

export function isNotFound({ name }: Error): boolean {
  return NOT_FOUND.includes(name)
}

/** An error that says how to set credentials and region, where `cause` is that they are missing. */
export function withoutCredentials(cause: Error): CommandError | undefined {
  if (!NO_CREDENTIALS.includes(cause.name) && cause.message !== 'Region is missing') return undefined
  return new CommandError(
    'no AWS credentials or region found',
    'Set AWS_PROFILE and AWS_REGION, or use --stage local for the running npm start.',
    { cause },
  )
}
