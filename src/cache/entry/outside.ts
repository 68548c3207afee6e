import type { Environment } from '../../host.ts';
import type { Recording } from '../../recording/recording.ts';
import { findProgram } from '../../system/find-program.ts';
import type { CacheKey } from '../identity/key.ts';
import { expandedWord, variableIn } from '../identity/variable-words.ts';
import { PROGRAM_VARIABLES } from '../rules.ts';
import type { EntryFacts } from './entry.ts';

/** The variables and programs that the records of an entry are compared with. */
export interface Outside {
  /** Proxies and bundles of certificates, as an entry records them. */
  readonly network: string;
  readonly variable: (name: string) => string | undefined;
  /** The file that a program's name leads to. */
  readonly program: (name: string) => string | undefined;
}

/** The outside as a process with this environment sees it. */
export function outsideOf({ network }: CacheKey, env: Environment): Outside {
  return { network, variable: (name) => variableIn(env, name), program: (name) => programIn(env, name) };
}

/** The outside as a mint saw it. */
export function recordedOutside({ network }: CacheKey, { expanded, lookUps }: Recording): Outside {
  return {
    network,
    variable: (name) => expanded.get(name),
    program: (name) => lookUps.find((lookUp) => lookUp.name === name)?.found,
  };
}

/** Why the records of an entry do not fit the outside; undefined if they do. Its files are not compared here. */
export function recordRejectionReason(
  { command, network, expanded, lookUps }: EntryFacts,
  outside: Outside,
): string | undefined {
  if (network !== undefined && network !== outside.network) return 'another proxy or another bundle of certificates';
  for (const { name, found } of lookUps) if (outside.program(name) !== found) return 'another program';
  for (const word of expanded) {
    const [name = ''] = word.split('=', 1);
    const decoded = decodeURIComponent(name);
    if (expandedWord(decoded, outside.variable(decoded)) !== word) return 'another variable in a path';
  }
  if (command === undefined) return undefined;
  // What was set for the command is among the records.
  const isNew = (name: string): boolean =>
    outside.variable(name) !== undefined && !expanded.some((word) => word.startsWith(`${name}=`));
  return PROGRAM_VARIABLES.some(isNew) ? 'another variable of the program' : undefined;
}

/** A relative folder of PATH in front of the program may lead to another one, so then the name leads to no certain file. */
function programIn(env: Environment, name: string): string | undefined {
  const found = findProgram(name, env);
  return found === findProgram(name, env, { relativeFolders: true }) ? found : '';
}
