// node scripts/check-output.mjs FOLDER: searches all files of FOLDER for secrets, also percent-encoded and
// base64-encoded.
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
  for (const form of new Set([text, plain(text)])) {
    const matched = secretPatterns.find(({ pattern }) => pattern.test(form));
    if (matched) return matched.name;
    if (recorded.some((value) => form.includes(value))) return 'a secret of the recorded cases';
  }
  return undefined;
}

/** Removes the escapes of JSON and of URLs, including URLs inside URLs. */
function plain(text) {
  const unescaped = text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll('\\/', '/');
  let decoded = unescaped;
  for (let depth = 0; depth < 3 && decoded.includes('%'); depth += 1)
    decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return decoded;
}

/** Searches decoded base64 at all four alignments, because it may begin inside a longer word. */
function decodedSecretIn(line) {
  const forms = [...new Set([line, plain(line)])];
  for (const [run] of forms.flatMap((form) => [...form.matchAll(/[A-Za-z0-9+/_-]{16,}/g)])) {
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
  // Colour codes inside a secret would hide it.
  const text = stripVTControlCharacters(readFileSync(path, 'utf8'));
  for (const [index, line] of text.split('\n').entries()) {
    const found = secretIn(line) ?? decodedSecretIn(line);
    if (!found) continue;
    leaks += 1;
    console.error(`${path}:${index + 1} shows ${found}`);
  }
}
console.log(`searched ${files.length} files of output, ${leaks} lines with secrets`);
process.exit(leaks === 0 ? 0 : 1);
