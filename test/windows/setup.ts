import { readFileSync } from 'node:fs';
import { beforeEach } from 'vitest';

/** Tests of what Windows or wine does not have: the reason, the file, the titles. */
const lists: Record<string, Record<string, readonly string[]>> = JSON.parse(
  readFileSync(new URL('unix-only.json', import.meta.url), 'utf8'),
);

beforeEach(({ task, skip }) => {
  const file = task.file.name.replaceAll('\\', '/').replace(/^.*test\/unit\//, '');
  for (const [reason, files] of Object.entries(lists)) {
    if (files[file]?.includes(titleOf(task))) skip(reason);
  }
});

/** The titles of the groups and of the test, as reports show them. */
function titleOf(task: { name: string; suite?: { name: string; suite?: unknown } | undefined }): string {
  const titles: string[] = [];
  let one: { name: string; suite?: unknown } | undefined = task;
  while (one !== undefined) {
    titles.unshift(one.name);
    one = one.suite as typeof one;
  }
  return titles.filter((title) => title !== '').join(' ');
}
