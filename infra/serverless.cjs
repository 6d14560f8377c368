/** Made once: osls asks for each property by itself. */
let made

/**
 * What serverless.yml pulls in: the lake's name, and the resources, settings and functions that are made from lake.yml.
 * Settings come as `--param NAME=VALUE`; they are read from the options, since osls resolves `service` before params.
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
    ...(emulator === '' ? [] : await besides(emulator)),
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
    // Thrown, it would be printed with a stack for every property that asks for the lake.
    console.error(`${error.message}\nNothing was packaged or deployed.`)
    return process.exit(1)
  }
}

/** A function that is invoked here finds what stands beside a running `npm start`, as those that are deployed there do. */
async function besides(emulator) {
  const { savedStandIns } = await import('../local/cloud/endpoint.ts')
  return Object.entries(savedStandIns(emulator))
}
