import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

/** A new folder that is removed after the last test of the file. @param name what it is for, such as `home` */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `ekspress-${name}-`));
  folders.add(folder);
  return folder;
}

/** For the guard: removes what `temporaryFolder` has made. */
export function removeTemporaryFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}
