// Bundles a module into one file with webpack: node with-webpack.mjs ENTRY FOLDER NAME esm|cjs. Prints the warnings as JSON.
import webpack from 'webpack';

const [entry, path, filename, format] = process.argv.slice(2);
const esm = format === 'esm';
const compiler = webpack({
  entry,
  mode: 'production',
  target: 'node20',
  // It would take a minute for the thousand modules of client-node.
  externals: { '@kubernetes/client-node': 'import @kubernetes/client-node' },
  output: { path, filename, ...(esm && { module: true, chunkFormat: 'module', library: { type: 'module' } }) },
  experiments: { outputModule: esm },
  optimization: { minimize: false },
  // One file: import() is put into it as well.
  plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
});
compiler.run((error, stats) => {
  const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
  if (error ?? errors[0]) throw error ?? new Error(errors[0].message);
  console.log(JSON.stringify(warnings.map(({ moduleName, message }) => `${moduleName}: ${message}`)));
  compiler.close(() => {});
});
