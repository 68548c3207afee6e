// npm as the documentation uses it: looks whether what is to be installed is ours or a package that we are tested with,
// and whether a script exists.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const { dependencies, peerDependencies, devDependencies, scripts } = manifest;
const known = new Set([manifest.name, ...Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })]);

const [command, ...words] = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('-')).map((word) => word.replace(/(.)@.*/, '$1'));
const fine = {
  install: names.every((name) => known.has(name)),
  uninstall: names.every((name) => known.has(name)),
  ci: names.length === 0,
  test: true,
  run: names.every((name) => name in scripts),
}[command];
if (!fine) {
  console.error(`npm: would not work: npm ${command} ${words.join(' ')}`);
  process.exit(1);
}
