import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

/** What the last step of CI says about output that holds these lines: the numbers of those that leak. */
async function leaks(lines: readonly string[]): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ekspress-output-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'step.log'), lines.join('\n'));
  const { stderr } = await promisify(execFile)(process.execPath, ['scripts/check-output.mjs', folder]).catch(
    (error: { stderr: string }) => error,
  );
  return [...stderr.matchAll(/step\.log:(\d+) shows/g)].map(([, number]) => Number(number));
}

const SECRET = 'hush/hush+hush';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const url = (token: string) => `https://sts.amazonaws.com/?Version=2011-06-15&X-Amz-Other=${token}`;

it('The last step of CI finds a secret in every form in which it may get into the output', async () => {
  const forms = [
    SECRET,
    encodeURIComponent(SECRET),
    encodeURIComponent(encodeURIComponent(SECRET)),
    SECRET.replaceAll('/', '\\/').replaceAll('+', '\\u002b'),
    ...['', 'x', 'xy', 'xyz'].map((before) => `word${base64(`${before}${SECRET} and more`)}`),
    base64(url(encodeURIComponent(SECRET))),
    `token k8s ${Buffer.from(url(encodeURIComponent(SECRET))).toString('base64url')}`,
    encodeURIComponent(base64(`${SECRET}??>>`)),
    `\u001b[31mhush\u001b[0m/hush`,
  ];
  expect(await leaks(['nothing here', ...forms])).toEqual(forms.map((_, index) => index + 2));
});

/** Names of what is secret, with a value of some length: in JavaScript and JSON, or in an INI file. */
const NAME =
  '(?:aws_?)?(?:secret_?access_?key|(?:session|security|access|refresh|authorization)_?token|client_?secret)';
const LITERAL = new RegExp(`${NAME}["']?\\s*[:=]\\s*(["'])([^"'$\\\\\\s]{8,})\\1`, 'gi');
const LINE = /aws_(?:secret_access_key|session_token|security_token)\s*[=:]\s*([^\s"'`$\\]{8,})/gi;
/** Words that say what they stand for. */
const PLACEHOLDERS = ['refresh-token', 'client-secret', 'sso-token', 'pod-token'];

it('The last step of CI knows every secret that a test works with', async () => {
  const names = await readdir('test', { recursive: true });
  const sources = names.filter((name) => /\.(?:ts|mjs)$/.test(name) && !name.endsWith('known-secrets.test.ts'));
  const texts = await Promise.all(sources.map((name) => readFile(join('test', name), 'utf8')));
  const found = texts.flatMap((text) => [
    ...[...text.matchAll(LITERAL)].map(([, , value]) => value ?? ''),
    ...[...text.matchAll(LINE)].map(([, value]) => value ?? ''),
  ]);
  // Letters alone are names in code.
  const values = [...new Set(found)].filter((value) => !PLACEHOLDERS.includes(value) && !/^[a-z.,]+$/i.test(value));
  expect(values.length).toBeGreaterThan(10);
  const leaking = new Set(await leaks(values));
  const unknown = values.filter((_, index) => !leaking.has(index + 1));
  expect(unknown, 'spell them with EXAMPLEKEY, or add them to scripts/known-secrets.mjs').toEqual([]);
});
