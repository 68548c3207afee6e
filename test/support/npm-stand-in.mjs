// npm as the documentation uses it: looks whether what is installed is our packed file or a package that we are tested
// with, and whether a script exists. Our name alone is refused: the registry may give it to another package.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const { dependencies, peerDependencies, devDependencies, scripts } = manifest;
const known = new Set([...Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })]);

const [command, ...words] = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('-')).map((word) => word.replace(/(.)@.*/, '$1'));
const fine = {
  pack: names.length === 0,
  // The packed file counts by its name; where no file lies, a shell hands the pattern over as it is.
  install: names.every((name) => known.has(name) || /(^|\/)ekspress-[^/]+\.tgz$/.test(name)),
  uninstall: names.every((name) => name === manifest.name || known.has(name)),
  ci: names.length === 0,
  test: true,
  run: names.every((name) => name in scripts),
}[command];
if (!fine) {
  console.error(`npm: would not work: npm ${command} ${words.join(' ')}`);
  process.exit(1);
}
