// The licences of the packages that dist/cli contains: each asks that its text goes with the copies.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const IN_PACKAGE = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '='.repeat(80);

/**
 * The text of the file that lists them.
 * @param {string} root the folder that the names in the metafile start from
 * @param {import('esbuild').Metafile} metafile what the bundler did
 * @throws {Error} where the licence of a package is not known
 */
export function thirdPartyLicenses(root, { outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const packaged = inputs.filter((input) => IN_PACKAGE.test(input));
  const folders = new Set(packaged.map((input) => IN_PACKAGE.exec(input)?.[1] ?? ''));
  const inside = new Set(packaged.flatMap((input) => containedIn(join(root, input))));
  const sections = [...folders].map((folder) => installed(join(root, folder)));
  sections.push(...[...inside].map((name) => contained(root, name)));
  return `The programs in this folder contain these packages.\n\n${sections.sort().join('\n')}`;
}

function installed(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENSE_FILE.test(file));
  if (files.length === 0) throw new Error(`${name} ${version} has no licence file that could go with its code`);
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8'));
  return section(`${name} ${version}`, texts.join('\n\n'));
}

/** The packages whose code a file of another package contains: its source map names them. */
function containedIn(file) {
  if (!existsSync(`${file}.map`)) return [];
  const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  return sources.flatMap((source) => /^.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
}

/** Such a package is not installed, so a copy of its licence is in a folder of ours. */
function contained(root, name) {
  const file = `scripts/licenses/${name.replace('/', '__')}.txt`;
  if (!existsSync(join(root, file)))
    throw new Error(`the code of ${name} is in a package; its licence belongs in ${file}`);
  return section(name, readFileSync(join(root, file), 'utf8'));
}

function section(title, text) {
  return `${RULE}\n${title}\n${RULE}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}
