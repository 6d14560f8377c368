/** Made only once, although osls asks for each property separately. */
let made

/**
 * The values in serverless.yml that are made from lake.yml: the service's name, resources, settings and functions. Parameters
 * (`--param NAME=VALUE`) are read from the options, since osls resolves `service` before it reads them.
 */
module.exports = async (osls) => (made ??= make(osls))

async function make({ options, resolveVariable }) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 24)
    throw new Error(
      `the deploy needs Node 24, not ${process.version}: run it as 'npx serverless …', which finds the one in node_modules`,
    )
  const { planDeploy, LakeProblems } = await import('./deploy.ts')
  const emulator = ['invoke', 'offline'].includes(process.argv[2]) ? (process.env.AWS_ENDPOINT_URL ?? '') : ''
  const params = new Map([
    ...(emulator === '' ? [] : await runningStandIns(emulator)),
    ...(options.param ?? []).map((param) => param.split(/=(.*)/s, 2)),
  ])
  try {
    return await planDeploy({
      stage: await resolveVariable('self:provider.stage'),
      file: params.get('lake') ?? 'lake.yml',
      alarmTopic: params.get('alarmTopic') ?? '',
      databricks: params.get('databricks') ?? '',
      mlflow: params.get('mlflow') ?? '',
      region: await resolveVariable('self:provider.region'),
      emulator,
    })
  } catch (error) {
    if (!(error instanceof LakeProblems)) throw error
    // If it were thrown, osls would print it once for every property, with a stack trace.
    console.error(`${error.message}\nNothing was packaged or deployed.`)
    return process.exit(1)
  }
}

/** The addresses of a running `npm start`'s stand-ins, so that functions invoked here use them like deployed ones. */
async function runningStandIns(emulator) {
  const { savedStandIns } = await import('../local/cloud/endpoint.ts')
  return Object.entries(savedStandIns(emulator))
}
