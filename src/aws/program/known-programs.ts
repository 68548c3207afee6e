import type { Recorder } from '../../recording/recorder.ts';
import type { ProgramKind } from './installed-cli.ts';
import { kindOfProgram } from './program-file.ts';

interface Judged {
  readonly kind: ProgramKind;
  /** The files that were read: the program, and the files that it starts. */
  readonly files: readonly { readonly path: string; readonly stamp: string | undefined }[];
}

/** How many programs are remembered. Foreign kubeconfigs may name any number. */
const REMEMBERED = 256;

/** What the files of programs are: each is read once while its date stays. */
export class KnownPrograms {
  readonly #judged = new Map<string, Judged>();

  /** The kind of the program at this path. All files that decide it are recorded. */
  kindOf(path: string, recorder: Recorder): ProgramKind {
    const known = this.#judged.get(path);
    if (known?.files.every((file) => recorder.program(file.path) === file.stamp)) return known.kind;
    const files: { path: string; stamp: string | undefined }[] = [];
    const kind = kindOfProgram(path, (file, length) => {
      files.push({ path: file, stamp: recorder.program(file) });
      return recorder.readProgram(file, length);
    });
    if (this.#judged.size >= REMEMBERED) this.#judged.clear();
    this.#judged.set(path, { kind, files });
    return kind;
  }
}
