import { type Emulator, startEmulator, useEmulator } from '../../local/cloud/emulator.ts'

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis, which is all that jest keeps for the teardown
  var emulator: Emulator | undefined
}

/** One emulator for the whole run. Tests find it by AWS_ENDPOINT_URL, like any AWS client. */
export default async function setup(): Promise<void> {
  globalThis.emulator = await startEmulator()
  useEmulator(globalThis.emulator)
}
