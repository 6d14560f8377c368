import { ApiError } from './errors.ts'
import { jobList, jobRef, jobSettings, newDestination, parse, runList, runNow, runRef } from './requests.ts'
import { registryRoutes } from './registry-api.ts'
import { viewRun } from './run.ts'
import type { Job } from './runner.ts'
import type { WorkspaceCore } from './workspace.ts'

/** A call of the REST API, after authentication. `given`: the body of a POST, the query of a GET. */
type Route = (workspace: WorkspaceCore, given: unknown, url: string) => object

/** Jobs API 2.1 and 2.2 do not differ in these. */
const routes: Readonly<Record<string, Route>> = {
  ...registryRoutes,
  'POST /api/2.0/notification-destinations': (workspace, given) => {
    const destination = parse(newDestination, given)
    return {
      id: workspace.createDestination(destination),
      display_name: destination.display_name,
      destination_type: 'WEBHOOK',
    }
  },
  'POST /jobs/create': (workspace, given) => ({ job_id: workspace.createJob(parse(jobSettings, given)) }),
  'GET /jobs/get': (workspace, given) => viewJob(workspace.job(parse(jobRef, given).job_id)),
  'GET /jobs/list': (workspace, given) => {
    const { limit, page_token, name } = parse(jobList, given)
    const jobs = [...workspace.jobs.values()].filter(({ settings }) => name === undefined || settings.name === name)
    return page('jobs', jobs.reverse().map(viewJob), limit, page_token)
  },
  'POST /jobs/run-now': (workspace, given) => {
    const run = workspace.runNow(parse(runNow, given))
    return { run_id: run.id, number_in_job: run.id }
  },
  'GET /jobs/runs/get': (workspace, given, url) => viewRun(workspace.run(parse(runRef, given).run_id), url),
  'GET /jobs/runs/get-output': (workspace, given, url) => {
    const run = workspace.run(parse(runRef, given).run_id)
    const { output, ending } = run
    const error = ending?.result === 'SUCCESS' ? {} : { error: ending?.message, error_trace: output.stderr }
    return { metadata: viewRun(run, url), logs: output.stdout, logs_truncated: false, ...error }
  },
  'GET /jobs/runs/list': (workspace, given, url) => {
    const { limit, page_token, job_id, active_only, completed_only } = parse(runList, given)
    const runs = workspace.runs.filter(
      ({ jobId, phase }) =>
        (job_id === undefined || jobId === job_id) &&
        !(active_only && phase === 'ENDED') &&
        !(completed_only && phase !== 'ENDED'),
    )
    const newestFirst = runs.toReversed().map((run) => viewRun(run, url))
    return page('runs', newestFirst, limit, page_token)
  },
  'POST /jobs/runs/cancel': (workspace, given) => {
    workspace.cancel(parse(runRef, given).run_id)
    return {}
  },
  'POST /jobs/runs/delete': (workspace, given) => {
    workspace.deleteRun(parse(runRef, given).run_id)
    return {}
  },
}

/** @throws {ApiError} */
export function callApi(workspace: WorkspaceCore, method: string, url: URL, body: string): object {
  const path = url.pathname.replace(/^\/api\/2\.[12](?=\/jobs\/)/, '')
  const route = routes[`${method} ${path}`]
  if (route === undefined) throw new ApiError(404, 'ENDPOINT_NOT_FOUND', `No API found for '${method} ${url.pathname}'`)
  const given = method === 'GET' ? Object.fromEntries(url.searchParams) : parseBody(body)
  return route(workspace, given, url.origin)
}

export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError(400, 'MALFORMED_REQUEST', `The body is not JSON: ${(error as Error).message}`)
  }
}

function viewJob({ id, created, settings }: Job): object {
  return { job_id: id, created_time: created, settings: { format: 'MULTI_TASK', ...settings } }
}

function page(name: string, items: readonly object[], limit: number, start: number): object {
  const end = start + limit
  const more = end < items.length
  return { [name]: items.slice(start, end), has_more: more, next_page_token: more ? String(end) : undefined }
}
