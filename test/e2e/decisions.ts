import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiServer } from './environment.ts';

/** From now on: what the API server's authenticator writes down about the tokens it is shown, one line each. */
export function decisionsFromNow(server: ApiServer): () => string[] {
  const log = join(server.folder, 'decisions.log');
  const read = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []);
  const before = read().length;
  return () => read().slice(before);
}

/** How that log names a token: the first 12 hex digits of its SHA-256. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}
