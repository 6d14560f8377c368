import './emulator-setup.ts'

export default async function teardown(): Promise<void> {
  await globalThis.emulator?.stop()
}
