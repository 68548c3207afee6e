import { isAbsolute, resolve } from 'node:path';
import { type Environment, homeDirectory } from '../host.ts';
import { findProgram } from '../system/find-program.ts';
import { replaceFile } from '../system/replace-file.ts';
import { lookAtFile } from './look.ts';
import type { VariableName } from './mint-variables.ts';
import {
  type FileRead,
  NO_FILE,
  type Observed,
  observeFile,
  observeProgram,
  observeSettled,
  programHead,
} from './observe.ts';
import { COMPARED, hasRelativeFolders, isSameState, type ReadFacts, type Reads, SECRETS } from './read-facts.ts';
import type { RecordedFile, Recording } from './recording.ts';

/**
 * The only access of a mint to the outside. Whatever a mint reads (a variable, a file, a program on PATH) decides its
 * identity and is recorded here. No other class of a mint has an environment or reads a file.
 */
export class Recorder {
  readonly #env: Environment;
  readonly #variables = new Map<string, string | undefined>();
  readonly #expanded = new Map<string, string | undefined>();
  readonly #files = new Map<string, RecordedFile>();
  readonly #lookUps = new Map<string, string | undefined>();
  #network = false;
  #hostBound = false;
  #memoryOnly: string | undefined;
  #validUntil: Date | undefined;
  /** Why nothing may be stored: for example, a file has changed while it was read. */
  #trouble: string | undefined;

  /** @param env - the variables of the process, overridden by those of the stanza */
  constructor(env: Environment) {
    this.#env = env;
  }

  /** Reads a variable of the closed list, and records it. */
  variable(name: VariableName): string | undefined {
    const value = this.#env[name];
    this.#variables.set(name, value);
    return value;
  }

  /** Reads a variable that a `$NAME` brings in, or one that says how a text is read. Its name may be any. */
  expand(name: string): string | undefined {
    const value = this.#env[name];
    this.#variables.set(name, value);
    if (SECRETS.has(name)) this.keepInMemory(`${name} is part of a path`);
    else if (!COMPARED.has(name)) this.#expanded.set(name, value);
    return value;
  }

  /** The home directory, as Python's `expanduser` finds it. */
  home(): string {
    this.variable('HOME');
    return homeDirectory(this.#env);
  }

  /** The variables that name proxies, in the order of the environment. Python accepts every spelling of their names. */
  proxyVariables(): readonly (readonly [name: string, value: string])[] {
    const known = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'] as const;
    for (const name of known) this.variable(name);
    const found = Object.entries(this.#env).filter(([name]) => /^(?:https?|no)_proxy$/i.test(name));
    const odd = found.find(([name]) => !known.some((one) => one === name));
    if (odd) this.keepInMemory(`${odd[0]} is spelt in an unusual way`);
    return found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  }

  /** All variables, for a program that is started. Nothing else may see all of them. */
  programEnvironment(): Environment {
    return this.#env;
  }

  reads(): Reads {
    return { variables: new Map(this.#variables), expanded: new Set(this.#expanded.keys()) };
  }

  /**
   * Whether these variables have the values that an earlier mint has read. If so, they count as read by this mint, too.
   * @param isSame - compares two values of a variable
   */
  readsAgain(
    { variables, expanded }: Reads,
    isSame: (name: string, one: string | undefined, other: string | undefined) => boolean,
  ): boolean {
    for (const [name, value] of variables) if (!isSame(name, value, this.#env[name])) return false;
    for (const name of variables.keys()) this.#variables.set(name, this.#env[name]);
    for (const name of expanded) this.expand(name);
    return true;
  }

  /**
   * The bytes of a regular file, or why there are none. An empty path names no file. Reads are synchronous, because the AWS
   * files are small and local. The call waits a moment if the file has just been written.
   * @param how - `again`: forgets the result of an earlier read of this path
   */
  async readFile(path: string, how: { readonly again?: boolean } = {}): Promise<FileRead> {
    return (await this.#observe(path, true, how.again)).read;
  }

  /** Whether there is a file, without reading it. */
  async look(path: string): Promise<RecordedFile['state']> {
    return (await this.#observe(path, false)).read.state;
  }

  /** Whether there is nothing at a path. Only the absence is recorded: what is there is recorded when it is read. */
  async isAbsent(path: string): Promise<boolean> {
    const place = resolve(path);
    const { read, file } = observeFile(place, false);
    if (read.state !== 'absent') return false;
    if (!isAbsolute(path)) this.keepInMemory(`${path} depends on the working directory`);
    this.#note(place, file);
    return true;
  }

  /**
   * Writes a file of this machine's AWS tools. The new content replaces the recorded one. If another program has
   * written the file meanwhile, the result of this mint is not stored.
   * @returns the new file, for other mints that use the same content
   * @throws the system's error
   */
  async writeFile(path: string, content: string, durable = false): Promise<RecordedFile | undefined> {
    const before = this.#files.get(path);
    if (before && !isSameState(before, observeFile(path, false).file)) this.#giveUp(path, 'has changed meanwhile');
    await replaceFile(path, content, { mode: 0o600, durable });
    this.#files.delete(path);
    const read = await this.readFile(path);
    if (read.state !== 'file' || read.bytes.toString('utf8') !== content) this.#giveUp(path, 'has changed meanwhile');
    return this.#files.get(path);
  }

  /** Records a file that another mint of this process has written for this one, too. */
  adopt(file: RecordedFile | undefined): void {
    if (file) this.#files.set(file.path, file);
  }

  /**
   * The program that a command leads to: the first of that name on PATH, or the path itself.
   * @returns an absolute path, or undefined if there is no such program
   */
  lookUp(command: string): string | undefined {
    const isPath = /[/\\]/.test(process.platform === 'win32' ? command : command.replaceAll('\\', ''));
    if (!isPath && this.#lookUps.has(command)) return this.#lookUps.get(command);
    const found = findProgram(command, this.#env, { relativeFolders: true });
    if (isPath) {
      if (!isAbsolute(command)) this.keepInMemory(`${command} depends on the working directory`);
      this.program(resolve(command));
      return found;
    }
    if (hasRelativeFolders(this.#env, found)) {
      this.keepInMemory('PATH has folders that depend on the working directory');
    }
    this.#lookUps.set(command, found);
    if (found !== undefined) this.program(found);
    return found;
  }

  /** The stamp of a program's file, which another version of it does not have; undefined if there is no such file. */
  program(path: string): string | undefined {
    const known = this.#files.get(path);
    const file = known?.program ? known : observeProgram(path);
    if (file !== known) this.#note(path, file);
    return file.state === 'file' ? [file.mtimeNs, file.ctimeNs, file.size, file.inode].join(' ') : undefined;
  }

  /** The first bytes of a program, to see whether it is a script; undefined where it may be run but not read. */
  readProgram(path: string, length: number): Buffer | undefined {
    this.program(path);
    return programHead(path, length);
  }

  /** Records the use of the network, also by an earlier answer: proxies and certificates then decide. */
  contacts(): void {
    this.#network = true;
  }

  /** Records that the token belongs to this host, in this boot. */
  bindToHost(): void {
    this.#hostBound = true;
  }

  /** Keeps the token in this process: it is not stored. */
  keepInMemory(why: string): void {
    this.#memoryOnly ??= why;
  }

  /** Records that a comparison with the clock chose between sources. From this moment on it chooses another one. */
  validUntil(date: Date): void {
    if (this.#validUntil === undefined || date < this.#validUntil) this.#validUntil = date;
  }

  /** Looks at everything again. @returns what was read, or why the result may not be stored */
  async finish(): Promise<Recording | string> {
    if (this.#trouble !== undefined) return this.#trouble;
    const files: RecordedFile[] = [];
    for (const before of this.#files.values()) {
      const file = await lookAtFile(before.path, before.program).catch(() => undefined);
      if (!file || !isSameState(before, file)) return `${before.path} has changed meanwhile`;
      files.push(file);
    }
    const lookUps = [...this.#lookUps].map(([name, found]) => ({ name, found }));
    if (lookUps.some(({ name, found }) => findProgram(name, this.#env, { relativeFolders: true }) !== found)) {
      return 'another program has come first on PATH meanwhile';
    }
    return {
      expanded: this.#expanded,
      network: this.#network,
      files,
      lookUps,
      hostBound: this.#hostBound,
      memoryOnly: this.#memoryOnly,
      validUntil: this.#validUntil,
    };
  }

  /** What was read, to be compared later. Holds no environment. This recorder reads nothing more after it. */
  facts(): ReadFacts {
    return { variables: this.#variables, lookUps: this.#lookUps, files: this.#files };
  }

  async #observe(path: string, read: boolean, again = false): Promise<Observed> {
    if (path === '') return NO_FILE;
    if (!isAbsolute(path)) this.keepInMemory(`${path} depends on the working directory`);
    const place = resolve(path);
    const observed = await observeSettled(place, read);
    if (observed.unsettled !== undefined) this.#giveUp(place, observed.unsettled);
    if (again) this.#files.delete(place);
    this.#note(place, observed.file);
    return observed;
  }

  #note(path: string, file: RecordedFile): void {
    const before = this.#files.get(path);
    if (before && !isSameState(before, file)) this.#giveUp(path, 'has changed meanwhile');
    // A file that was read counts by its content, also where it is a program.
    if (!before || before.program) this.#files.set(path, file);
  }

  #giveUp(path: string, why: string): void {
    this.#trouble ??= `${path} ${why}`;
  }
}
