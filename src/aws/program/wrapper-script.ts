import type { Recorder } from '../../recording/recorder.ts';
import { shown } from '../../text/nearest-names.ts';
import type { UnwrappedCommand } from '../stanza/unwrap-command.ts';
import { Undecidable } from '../undecidable.ts';
import type { KnownPrograms } from './known-programs.ts';

/**
 * Refuses a script that has the name of the tool: it may choose another identity before it starts the real tool. The
 * original command then runs it.
 * @param mayRun whether programs may be run at all. If not, a path in the stanza is not looked at: the text may be
 *   untrusted, and a look at `/net/…` connects to the machine that it names.
 * @throws Undecidable
 */
export function refuseWrapperScript(
  { command }: UnwrappedCommand,
  recorder: Recorder,
  programs: KnownPrograms,
  mayRun = true,
): void {
  if (!mayRun && /[\\/]/.test(command)) return;
  // A look at such a path signs in to the machine that it names.
  if (process.platform === 'win32' && /^[\\/]{2}/.test(command))
    throw new Undecidable(`${shown(command)} is on a network`);
  const path = recorder.lookUp(command);
  if (path !== undefined && programs.kindOf(path, recorder) === 'script')
    throw new Undecidable(`${shown(path)} is a script of its own kind`);
}
