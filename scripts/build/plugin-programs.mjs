// Builds the plugin's programs: one CommonJS file each, which Node starts sooner than modules and chunks.
import { build } from 'esbuild';
import { STAND_APART, VERSION_FILE, versionModule } from './own-files.mjs';

export async function buildPluginPrograms({ root, fresh, manifest }) {
  const own = { name: 'own files', setup: (build) => ownFiles(build, manifest) };
  const hit = { name: 'hit', setup: hitFiles };
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    outdir: fresh,
    outbase: 'src',
    outExtension: { '.js': '.cjs' },
    logLevel: 'warning',
  };
  await build({
    ...common,
    entryPoints: ['src/exec/hit.ts'],
    plugins: [hit],
    // `require` finds main.cjs without the loader of modules.
    supported: { 'dynamic-import': false },
  });
  // The same for Windows, where it stands alone in the home of a user.
  await build({ ...common, entryPoints: ['src/exec/windows.ts'], plugins: [hit, own] });
  await build({
    ...common,
    entryPoints: ['src/exec/main.ts'],
    plugins: [own],
    packages: 'external',
    define: { 'import.meta.url': 'ownURL' },
    banner: { js: "const ownURL = require('url').pathToFileURL(__filename).href;" },
  });
}

/** Of the reader of hits: what a miss needs is another file, and what few hits need of Node is loaded when they do. */
function hitFiles({ onLoad, onResolve }) {
  onResolve({ filter: /\/main\.ts$/ }, () => ({ path: './main.cjs', external: true }));
  const crypto = ['createHash', 'randomBytes', 'hkdfSync', 'createHmac', 'createCipheriv', 'createDecipheriv'];
  const lazy = { 'node:crypto': crypto, 'node:child_process': ['spawn', 'spawnSync'] };
  onResolve({ filter: /^node:(crypto|child_process)$/ }, ({ path }) => ({ path, namespace: 'lazy' }));
  onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => {
    const lazily = (name) =>
      `export const ${name} = (...words) => process.getBuiltinModule('${path}').${name}(...words);`;
    return { contents: lazy[path].map(lazily).join('\n'), loader: 'js' };
  });
}

function ownFiles({ onLoad, onResolve }, manifest) {
  onLoad({ filter: VERSION_FILE }, () => ({ contents: versionModule(manifest), loader: 'js' }));
  for (const [filter, path] of STAND_APART) onResolve({ filter }, () => ({ path, external: true }));
}
