// The licences of the packages that dist/cli contains: each asks that its text goes with the copies.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const IN_PACKAGE = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '='.repeat(80);

/**
 * The text of the file that lists them.
 * @param {string} root the folder of the project
 * @param {readonly string[]} modules the paths of all that the bundler put into dist
 * @throws {Error} where the licence of a package is not known
 */
export function thirdPartyLicenses(root, modules) {
  const packaged = modules.filter((path) => IN_PACKAGE.test(path));
  const folders = new Set(packaged.map((path) => IN_PACKAGE.exec(path)?.[1] ?? ''));
  const inside = new Set(packaged.flatMap(containedIn));
  const licenses = [...[...folders].map(installed), ...[...inside].map((name) => contained(root, name))].sort();
  /** The packages that one text is for: several of a family have the same. */
  const titles = new Map();
  for (const [title, text] of licenses) titles.set(text, [...(titles.get(text) ?? []), title]);
  const sections = [...titles].map(([text, names]) => section(names.join(', '), text));
  return `The programs in this folder contain these packages.\n\n${sections.join('\n')}`;
}

function installed(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENSE_FILE.test(file));
  if (files.length === 0) throw new Error(`${name} ${version} has no licence file that could go with its code`);
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8'));
  return [`${name} ${version}`, texts.join('\n\n')];
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
  return [name, readFileSync(join(root, file), 'utf8')];
}

function section(title, text) {
  return `${RULE}\n${title}\n${RULE}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}
