import { commandLine } from './command-line.ts';
import { encrypted } from './encrypted.ts';
import { environment } from './environment.ts';
import { files } from './files.ts';
import type { HitCase } from './hit-case.ts';
import { machines } from './machines.ts';
import { questions } from './questions.ts';
import { records } from './records.ts';
import { sources } from './sources.ts';

/**
 * What a hit in the shared cache is: the one table that the TypeScript reader and the script have to agree with, under
 * every shell.
 */
export const hitCases: readonly HitCase[] = [
  ...commandLine,
  ...environment,
  ...questions,
  ...machines,
  ...sources,
  ...files,
  ...records,
  ...encrypted,
];
