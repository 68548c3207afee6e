import { dirname } from 'node:path';
import { shellCommand } from './shell-command.ts';

/** Why the system refuses to write a file, and the next step. */
export interface RefusedWrite {
  readonly reason: string;
  readonly remedy: string;
}

/**
 * @param error what the system said
 * @param path the file or folder that could not be written
 * @param elsewhere what names another place, as the end of a sentence: `name another file with --kubeconfig`
 */
export function refusedWrite(error: unknown, path: string, elsewhere?: string): RefusedWrite {
  const { code = 'unknown error' } = Object(error) as { code?: string };
  const [reason, step] = KINDS[code] ?? [code, seeRights];
  const other = elsewhere === undefined ? '' : `, or ${elsewhere}`;
  return { reason, remedy: `${step(path)}${other}.` };
}

const KINDS: Readonly<Record<string, readonly [reason: string, step: (path: string) => string]>> = {
  EACCES: ['permission denied', allow],
  EPERM: ['the system does not permit it', seeRights],
  EROFS: ['the file system is read-only', mount],
  ENOSPC: ['the disk is full', (path) => `Free some space on the disk of ${path}`],
  EDQUOT: ['the quota is used up', (path) => `Remove files of yours on the disk of ${path}, or ask for a larger quota`],
  EBUSY: ['it is mounted as a single file', seeRights],
  ENOENT: ['its folder does not exist', (path) => `Make the folder ${dirname(path)}`],
  ENOTDIR: ['a part of the path is not a folder', outOfTheWay],
  EEXIST: ['something else has this name', outOfTheWay],
  EISDIR: ['there is a folder in its place', outOfTheWay],
};

function allow(path: string): string {
  return `Give this user the right to write there: \`${shellCommand('seeRightsOfFolder', dirname(path), path)}\` shows who has it`;
}

function seeRights(path: string): string {
  return `See \`${shellCommand('seeRightsOfFolder', dirname(path), path)}\``;
}

function mount(path: string): string {
  return `Mount the file system of ${path} so that it can be written to`;
}

function outOfTheWay(path: string): string {
  return `Move away what is in the place of ${path} or of a folder above it: see \`${shellCommand('seeRightsOfFolder', dirname(path), path)}\``;
}
