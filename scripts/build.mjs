// Compiles src to dist. It writes to a folder of its own and swaps it in only when the compiler is content,
// so whoever runs dist meanwhile (a test, a kubectl) never meets half a build.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const fresh = join(root, `dist-${process.pid}.tmp`);
const previous = join(root, `dist-${process.pid}.old`);

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh], {
  cwd: root,
  stdio: 'inherit',
});
if (compiled.status !== 0) {
  rmSync(fresh, { recursive: true, force: true });
  console.error('build: the compiler found errors; dist is as it was');
  process.exit(1);
}

// The compiler rewrites `./x.ts` in code only. In declarations it would resolve as well, but not with every tool.
for (const name of readdirSync(fresh, { recursive: true }).filter((path) => path.endsWith('.d.ts'))) {
  const file = join(fresh, name);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(\bfrom |\bimport\()(["'])(\.[^"']*)\.ts\2/g, '$1$2$3.js$2'));
}

// npm makes a bin executable on install, but the bins are also run right out of the working tree.
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const path of Object.values(bin)) {
  const built = path.startsWith('dist/') ? join(fresh, path.slice('dist/'.length)) : join(root, path);
  if (existsSync(built)) chmodSync(built, 0o755);
  else console.warn(`build: package.json names a bin that does not exist: ${path}`);
}

if (existsSync(dist)) renameSync(dist, previous);
renameSync(fresh, dist);
rmSync(previous, { recursive: true, force: true });
