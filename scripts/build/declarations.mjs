// Builds the declarations: the compiler writes one for each source, and what the doors export of them goes into one file a
// door and one for what they share. A hundred small files would take three times the space on a disk.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

export async function buildDeclarations({ root, fresh, manifest }) {
  const declared = join(fresh, '.declared');
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', declared];
  if (spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0) {
    throw new Error('the compiler found errors');
  }
  const doors = Object.values(manifest.exports).flatMap(({ types }) => types ?? []);
  const names = doors.map((path) => path.replace(/^\.\/dist\/(.*)\.d\.ts$/, '$1'));
  const bundle = await rollup({
    input: Object.fromEntries(names.map((name) => [name, join(declared, `${name}.d.ts`)])),
    external: (id) => !/^[./]/.test(id),
    plugins: [dts()],
    onwarn: ({ message }) => {
      throw new Error(`the declarations could not be joined: ${message}`);
    },
  });
  await bundle.write({ dir: fresh, format: 'es', entryFileNames: '[name].d.ts', chunkFileNames: 'shared-[hash].d.ts' });
  await bundle.close();
  rmSync(declared, { recursive: true });
}
