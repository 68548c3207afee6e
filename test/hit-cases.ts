import { commandLine } from './hit-cases/command-line.ts';
import { environment } from './hit-cases/environment.ts';
import { files } from './hit-cases/files.ts';
import type { HitCase } from './hit-cases/hit-case.ts';
import { machines } from './hit-cases/machines.ts';
import { questions } from './hit-cases/questions.ts';
import { sources } from './hit-cases/sources.ts';

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
];
