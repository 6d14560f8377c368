import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { secretsmanager } from '../../src/aws/clients.ts'
import { names } from '../../src/lake/resource-names.ts'
import { type Lake, locationUri } from '../../src/lake/lake.ts'
import type { NewJob } from './requests.ts'
import type { LocalDatabricks } from './server.ts'
import type { Emulator } from '../cloud/emulator.ts'
import { cleanUploads } from './jobs/clean-uploads.ts'

/** The user of the notification destination. */
const NOTIFIER = { username: 'landfall', password: 'landfall-local-notifications' }

/** The jobs that can run here (`local/databricks/jobs`), by their names in lake.yml. */
const jobs: Readonly<Record<string, (lake: Lake, notifications: Partial<NewJob>) => NewJob | undefined>> = {
  'clean-uploads': (lake, notifications) => {
    const target = lake.tables['uploads_clean']
    return target && cleanUploads(locationUri(target.location), notifications)
  },
}

/**
 * Sets up what an operator sets up by hand for a lake that starts Databricks jobs (docs/reactions/job.md): a secret with the
 * credentials, a notification destination and the jobs. Answers the ids of the jobs by name.
 */
export async function setUpWorkspace(
  workspace: LocalDatabricks,
  emulator: Emulator,
  lake: Lake,
): Promise<ReadonlyMap<string, number>> {
  if (lake.databricks === undefined) return new Map()
  await putSecret(lake.databricks.secret, {
    client_id: workspace.clientId,
    client_secret: workspace.clientSecret,
    notifications: NOTIFIER,
  })
  const url = await webhookUrl(emulator, lake)
  const recipients = [{ id: workspace.createDestination(url, NOTIFIER.username, NOTIFIER.password) }]
  const notifications = { webhook_notifications: { on_success: recipients, on_failure: recipients } }
  const wanted = new Map(Object.values(lake.tables).flatMap(({ job }) => (job ? [[job.name, job.id] as const] : [])))
  for (const [name, id] of wanted) {
    const made = jobs[name]?.(lake, notifications)
    if (made === undefined) wanted.delete(name)
    else workspace.createJob(made, id)
  }
  return wanted
}

async function putSecret(Name: string, value: object): Promise<void> {
  const client = secretsmanager()
  await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }))
  client.destroy()
}

/** The deployed webhook: an HTTP API, which the emulator serves under a path. */
async function webhookUrl({ endpoint }: Emulator, lake: Lake): Promise<string> {
  const client = new CloudFormationClient({ endpoint })
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: names(lake).stack }))
  client.destroy()
  const api = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'HttpApiId')?.OutputValue
  if (api === undefined) throw new Error(`the stack ${names(lake).stack} has no HTTP API, although the lake has jobs`)
  return `${endpoint}/_aws/execute-api/${api}/$default/databricks/jobs`
}
