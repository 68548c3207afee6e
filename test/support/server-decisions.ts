import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from '../setup/api-server.ts';

/**
 * What the API server's authenticator wrote down about the tokens that it was shown, one line each.
 * The API server asks it once in ten seconds per token, however many requests come with it.
 */
export function decisionsOf(server: ApiServer): string[] {
  return readFileSync(join(server.folder, 'decisions.log'), 'utf8').split('\n').filter(Boolean);
}

/** How that log names a token: the first 12 hex digits of its SHA-256. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}

/** Tokens of one identity that are minted in one second are the same token: after this they are new ones. */
export function nextSecond(): Promise<void> {
  return sleep(1000 - (Date.now() % 1000));
}
