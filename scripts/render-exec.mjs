// Writes bin/ekspress-exec: the template of the script with the rules of src/cache/rules.ts filled in, and without the
// comments of what a hit reads.
// With --check it writes nothing and fails if the file is not what it would write.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const template = 'src/exec/ekspress-exec.template.sh';
const output = 'bin/ekspress-exec';

const rendered = render(readFileSync(join(root, template), 'utf8'), await loadRules());
const present = existsSync(join(root, output)) ? readFileSync(join(root, output), 'utf8') : '';
if (process.argv.includes('--check')) {
  const line = firstDifference(present.split('\n'), rendered.split('\n'));
  if (line !== undefined) {
    console.error(`${output}:${line + 1} differs from ${template} with the current rules.`);
    console.error(`- ${present.split('\n')[line] ?? '(end)'}\n+ ${rendered.split('\n')[line] ?? '(end)'}`);
    console.error('Run: node scripts/render-exec.mjs');
    process.exit(1);
  }
} else {
  mkdirSync(dirname(join(root, output)), { recursive: true });
  writeFileSync(join(root, output), rendered);
  chmodSync(join(root, output), 0o755);
}

/** Loads the rules, with the list of variables that they import. */
async function loadRules() {
  const entryPoints = [join(root, 'src/cache/rules.ts')];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', platform: 'neutral', write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

function render(text, rules) {
  const { IDENTITY_VARIABLES, NETWORK_VARIABLES, NAME_VARIABLES } = rules;
  const words = '$ek_tool|$ek_cluster|$ek_region|$ek_profile|$ek_role|$ek_extra|';
  // What comes before the first of these is set in many homes.
  const rare = IDENTITY_VARIABLES.findIndex(({ name }) => name === 'AWS_CREDENTIAL_FILE');
  const proxies = NETWORK_VARIABLES.filter(({ kind }) => kind === 'proxy').map(({ name }) => name);
  const values = {
    NOTICE: `Rendered from ${template} by scripts/render-exec.mjs: change that. The comments are there.`,
    VERSION: rules.FORMAT_VERSION,
    MARGIN: rules.DEFAULT_MARGIN_SECONDS,
    MAX_LIFE: rules.TELL_LIFE_SECONDS,
    FAILED: rules.EXIT_FAILED,
    FAILED_FOR_NOW: rules.EXIT_FAILED_FOR_NOW,
    TOKEN_RANGES: ranges(rules.TOKEN_CHARACTERS),
    PROGRAM_VARIABLES: rules.PROGRAM_VARIABLES.map((name) => `\${${name}+x}`).join(''),
    LAUNCHER_PROGRAMS: rules.LAUNCHER_PROGRAMS.join(' | '),
    SET_ASIDE: rules.NODE_VARIABLES.map((name) => setAside(name, `${rules.SET_ASIDE}${name}`)).join('\n  '),
    NODE_VARIABLES: rules.NODE_VARIABLES.join(' '),
    SET_ASIDE_VARIABLES: rules.NODE_VARIABLES.map((name) => rules.SET_ASIDE + name).join(' '),
    SAFE: rules.SAFE_CHARACTERS,
    SHELL_NAMES: rules.SHELL_NAMES.map((name) => `*,${name},*`).join(' | '),
    PLUGIN: rules.PLUGIN_TOOL,
    MAX_PLUGIN_LIFE: rules.MAX_PLUGIN_LIFE_SECONDS,
    TAIL: rules.NAME_TAIL_LENGTH,
    TAIL_PATTERN: '?'.repeat(rules.NAME_TAIL_LENGTH),
    IDENTITY: folded([words, ...IDENTITY_VARIABLES.slice(0, rare).map(setVariable)]),
    RARE: folded(IDENTITY_VARIABLES.slice(rare).map(setVariable)),
    RARE_SET: folded(IDENTITY_VARIABLES.slice(rare).map(({ name }) => `\${${name}+1}`)),
    PROXIES: proxies.map((name) => `[ -z "\${${name}+set}" ] || ek_add_proxy ${name} "$${name}"`).join('\n  '),
    NETWORK: folded(NETWORK_VARIABLES.filter(({ kind }) => kind !== 'proxy').map(setVariable)),
    NAME_SUFFIXES: NAME_VARIABLES.map((name) => `ek_name=$ek_name\${${name}:+"~$${name}"}`).join('\n  '),
  };
  // Some shells read a script in the locale of the user who runs it.
  if (/[^\n -~]/.test(text)) throw new Error(`${template} has characters other than ASCII`);
  const functions = [...text.matchAll(/^(ek_\w+)\(\) \{$/gm)].map(([, name]) => name);
  // Part 1 has a function of this name until part 2 is read.
  const twice = functions.find((name, index) => functions.indexOf(name) !== index && name !== 'ek_read_rare');
  if (twice !== undefined) throw new Error(`${template} defines the function ${twice} twice`);
  return withoutCommentsOfHits(text).replaceAll(/@([A-Z_]{3,})@/g, (_, name) => {
    if (!(name in values)) throw new Error(`${template} asks for @${name}@, which has no value here`);
    return values[name];
  });
}

/**
 * The template without the comments between its header and the miss. A shell reads that part at each hit, where 16 KB of
 * comments would cost about 5 % of the time. The header ends at the first blank line; shellcheck's directives stay.
 */
function withoutCommentsOfHits(text) {
  const [header] = text.split('\n\n', 1);
  const miss = text.indexOf('\n# 3. The miss ');
  if (miss === -1) throw new Error(`${template} has no part 3`);
  const hits = text.slice(header.length, miss);
  return header + hits.replaceAll(/^ *#(?! shellcheck ).*\n/gm, '').replaceAll(/\n{3,}/g, '\n\n') + text.slice(miss);
}

/** Gives a variable another name. */
function setAside(name, other) {
  return `[ -z "\${${name}+set}" ] || export ${other}="$${name}"`;
}

/** A variable as `NAME=VALUE|` if it is set, without a value that has a `|`. Of a secret only whether it has a value. */
function setVariable({ name, kind }) {
  const value = kind === 'presence' ? `\${${name}:+1}` : `\${${name}##*\\|*}`;
  return `\${${name}+${name}=${value}|}`;
}

/** The words joined, over several lines that the shell reads as one. */
function folded(words) {
  const lines = [''];
  for (const word of words) {
    if (lines.at(-1).length + word.length > 110) lines.push('');
    lines[lines.length - 1] += word;
  }
  return lines.join('\\\n');
}

/** The same set of characters with ranges for letters and digits. The hyphen stays last. */
function ranges(characters) {
  return characters
    .replace('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'A-Z')
    .replace('abcdefghijklmnopqrstuvwxyz', 'a-z')
    .replace('0123456789', '0-9');
}

function firstDifference(left, right) {
  for (let line = 0; line < Math.max(left.length, right.length); line += 1) if (left[line] !== right[line]) return line;
  return undefined;
}
