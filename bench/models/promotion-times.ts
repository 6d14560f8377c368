/** The time from a moved alias to the answer of UpdateEndpoint, beside the same path without any work. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, SIGN } from '../counting-proxy.ts'
import { atMost, type Figure, percentile } from '../figure.ts'
import { PEER_MODEL } from './promotion-peer.ts'
import { ALIAS, type Local } from './promotion-lake.ts'

/** The number of new versions, and of times that the alias goes back and forth. */
export const ROUNDS = 60
/** The time without calls before the next promotion, in ms. */
const QUIET = 150
const PEER = 'MLflow → API → function → queue → function that does nothing'

/** @param versions `known`: two that are kept ready, of which the second serves; `fresh`: versions that were never deployed. */
export async function timeFigures(
  local: Local,
  versions: { readonly known: readonly [string, string]; readonly fresh: readonly string[] },
  say: (line: string) => void,
): Promise<Figure[]> {
  const times = { known: [] as number[], fresh: [] as number[], peer: [] as number[] }
  say(
    `moving the alias ${versions.fresh.length} times back and forth, and as often to a new version, alternating with the peer`,
  )
  for (const i of versions.fresh.keys()) {
    times.known.push(await promoted(local, versions.known[i % 2]!))
    if (i % 2 === 0) times.peer.push(await peered(local, i / 2))
  }
  for (const [i, version] of versions.fresh.entries()) {
    times.fresh.push(await promoted(local, version))
    if (i % 2 === 0) times.peer.push(await peered(local, i / 2))
  }
  return [
    ...figuresOf('going-back-to-update', times.known, times.peer),
    ...figuresOf('new-version-to-update', times.fresh, times.peer),
  ]
}

/** With an aim in ms, since the peer makes none of a deployment's calls. */
function figuresOf(name: string, ours: readonly number[], peers: readonly number[]): Figure[] {
  return (
    [
      [50, 250],
      [99, 1000],
    ] as const
  ).map(([p, limit]) => {
    const [value, peerValue] = [percentile(ours, p), percentile(peers, p)]
    return { ...atMost(`models/${name}-p${p}`, 'ms', value, limit), peer: PEER, peerValue, ratio: value / peerValue }
  })
}

async function promoted(local: Local, version: string): Promise<number> {
  local.clear()
  const config = `"EndpointConfigName":"bench-timed--v${version}-`
  const isOurs = ({ name, body }: Call) => name === 'sagemaker:UpdateEndpoint' && body.includes(config)
  await local.models.alias('timed', ALIAS, version)
  const began = performance.now()
  await local.untilServing('timed', version, QUIET)
  const { ended } = await local.sagemakerSeen(isOurs)
  return ended - began
}

async function peered(local: Local, i: number): Promise<number> {
  local.clear()
  const version = String((i % 2) + 1)
  await local.models.alias(PEER_MODEL, ALIAS, version)
  const began = performance.now()
  const { ended } = await local.awsSeen(({ name }) => name === `s3:GET ${SIGN}${version}`)
  await sleep(QUIET)
  return ended - began
}
