import { PROGRAM_VARIABLES } from '../../cache/rules.ts';
import type { Recorder } from '../../recording/recorder.ts';

/** Records that a command makes the token: its file, what is set that leads it to other code, and this host. */
export function recordCommand(recorder: Recorder, command: string): void {
  recorder.lookUp(command);
  const env = recorder.programEnvironment();
  for (const name of PROGRAM_VARIABLES) if (env[name] !== undefined) recorder.expand(name);
  // It is unknown which services the command asks. One of them may be the metadata service of this host.
  recorder.bindToHost();
}
