/** The stage that `npm start` and `npm test` deploy to the emulator. Its data is disposable. */
export function isLocal(stage: string): boolean {
  return stage === 'local'
}
