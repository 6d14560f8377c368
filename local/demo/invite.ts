import { type Lake, locationUri } from '../../src/lake/lake.ts'
import type { LocalCloud } from '../cloud/cloud.ts'
import { STAGE } from '../cloud/deploy.ts'
import type { SystemName } from '../systems.ts'

/** What to try while `npm start` is up. */
export function inviteLines(lake: Lake, cloud: LocalCloud, running: readonly SystemName[]): string[] {
  const { environment, logFile } = cloud.emulator
  const variables = Object.entries(environment).filter(([name]) => name !== 'AWS_EC2_METADATA_DISABLED')
  const { mlflow } = cloud.standIns
  return [
    'It stays up until Ctrl-C. In another terminal, in this folder:\n',
    ...variables.map(([name, value]) => `    export ${name}=${value}`),
    '',
    `    npx landfall status --stage ${STAGE}`,
    ...tableLines(lake),
    '',
    ...(running.includes('mlflow') ? modelLines(lake) : []),
    ...(running.includes('mlflow') ? [`MLflow, to move the alias: ${mlflow}`] : []),
    `The emulator's log: ${logFile}`,
  ]
}

function tableLines({ tables }: Lake): string[] {
  const table = Object.values(tables).find(({ catalog }) => catalog !== undefined)
  if (table === undefined) return []
  return [
    `    npx landfall table ${locationUri(table.location)}`,
    `    aws glue get-table --database-name ${table.catalog?.database} --name ${table.catalog?.table}`,
    `    aws s3 ls --recursive s3://${table.location.bucket}`,
  ]
}

function modelLines({ models }: Lake): string[] {
  return [
    `    npx landfall webhooks doctor --stage ${STAGE}`,
    ...Object.values(models).flatMap(({ endpoint: { name, smoke } }) => [
      `    npx landfall rollback ${name} --undo --stage ${STAGE}`,
      ...(smoke === undefined ? [] : invokeLines(name, smoke.request)),
    ]),
    '',
  ]
}

function invokeLines(endpoint: string, request: unknown): string[] {
  return [
    `    aws sagemaker-runtime invoke-endpoint --endpoint-name ${endpoint} \\`,
    '      --content-type application/json --cli-binary-format raw-in-base64-out \\',
    `      --body '${JSON.stringify(request)}' /dev/stdout`,
  ]
}
