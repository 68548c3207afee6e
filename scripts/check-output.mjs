// node scripts/check-output.mjs FOLDER: looks for secrets in every file of FOLDER, as they are and base64-decoded.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { recordedSecrets, secretPatterns } from './known-secrets.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node scripts/check-output.mjs FOLDER');
  process.exit(2);
}

const recorded = recordedSecrets();

function secretIn(text) {
  const matched = secretPatterns.find(({ pattern }) => pattern.test(text));
  if (matched) return matched.name;
  return recorded.some((value) => text.includes(value)) ? 'a secret of the recorded cases' : undefined;
}

/** A run of base64 may begin inside a longer word: all four alignments are tried. */
function decodedSecretIn(line) {
  for (const [run] of line.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
    for (const offset of [0, 1, 2, 3]) {
      const found = secretIn(Buffer.from(run.slice(offset), 'base64').toString('latin1'));
      if (found) return `${found}, base64-encoded`;
    }
  }
  return undefined;
}

const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
let leaks = 0;
for (const entry of files) {
  const path = join(entry.parentPath, entry.name);
  // Colours would hide what stands between them.
  const text = stripVTControlCharacters(readFileSync(path, 'utf8'));
  for (const [index, line] of text.split('\n').entries()) {
    const found = secretIn(line) ?? decodedSecretIn(line);
    if (!found) continue;
    leaks += 1;
    console.error(`${path}:${index + 1} shows ${found}`);
  }
}
console.log(`${files.length} files of output looked through, ${leaks} lines with secrets`);
process.exit(leaks === 0 ? 0 : 1);
