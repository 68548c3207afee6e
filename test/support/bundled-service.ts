import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import ts from 'typescript';
import { root } from './pages.ts';

export type ModuleFormat = 'esm' | 'cjs';

/** Packages of client-node require modules of Node; in an ESM bundle of esbuild this gives them `require`. */
const REQUIRE = "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);";

/**
 * A TypeScript program with `await` on its top level, in a form that fits both formats.
 * @param rest lines that follow it
 */
export function asScript(program: string, rest: string): string {
  const lines = program.split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const body = lines.filter((line) => !line.startsWith('import '));
  const wrapped = [...imports, 'const main = async () => {', ...body, rest, '};', 'void main();'].join('\n');
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(wrapped, { compilerOptions }).outputText;
}

/**
 * Bundles a module with everything that it needs into one file, in a new folder where nothing else is.
 * @param warnings receives what the bundler complains about
 */
export async function bundle(
  bundler: 'esbuild' | 'webpack',
  format: ModuleFormat,
  entry: string,
  warnings: string[],
): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-deployed-'));
  const name = format === 'esm' ? 'service.mjs' : 'service.cjs';
  if (bundler === 'esbuild') await withESBuild(entry, join(folder, name), format, warnings);
  else warnings.push(...(await withWebpack(entry, folder, name, format)));
  // Not a module by a package.json that lies above.
  writeFileSync(join(folder, 'package.json'), '{}');
  return { folder, file: join(folder, name) };
}

async function withESBuild(entry: string, outfile: string, format: ModuleFormat, warnings: string[]): Promise<void> {
  const options: BuildOptions = {
    entryPoints: [entry],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    ...(format === 'esm' && { banner: { js: REQUIRE } }),
  };
  const result = await build(options);
  warnings.push(...result.warnings.map(({ text, location }) => `${location?.file}: ${text}`));
}

/** In a process of its own, so that the compiler needs no types of webpack where only esbuild is installed. */
async function withWebpack(entry: string, folder: string, name: string, format: ModuleFormat): Promise<string[]> {
  const program = join(root, 'test/support/with-webpack.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program, entry, folder, name, format]);
  return JSON.parse(stdout);
}
