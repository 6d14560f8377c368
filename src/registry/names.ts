import { matches } from '../lake/names.ts'
import type { Fault } from '../lake/problem.ts'

/** CreateMlflowTrackingServer, TrackingServerArn; CreateMlflowApp, Arn, which does not contain the app's name. */
export const serverPattern =
  '^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\\d{12}:mlflow-(?:tracking-server|app)/[A-Za-z0-9-]{1,256}$'

export const serverFault = (text: string): Fault | undefined => {
  const expected =
    'the ARN of a tracking server or an MLflow App, as in arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/team'
  return matches(text, serverPattern, 'bad MLflow server', expected)
}
