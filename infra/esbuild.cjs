/** serverless-esbuild's settings, from infra/bundle/options.ts. */
module.exports = () => {
  const { bundleOptions } = require('./bundle/options.ts')
  return {
    ...bundleOptions,
    // osls's `invoke local` does not find .mjs files; Lambda would treat .js as CommonJS.
    outputFileExtension: process.argv[2] === 'invoke' ? '.js' : '.mjs',
    // Bundle everything: the runtime's SDK has another version.
    external: [],
    exclude: [],
    packager: 'npm',
    // Otherwise esbuild's context would survive a failed build, and the command would never end.
    skipRebuild: true,
    watch: { pattern: ['functions/**/*.ts', 'src/**/*.ts'] },
  }
}
