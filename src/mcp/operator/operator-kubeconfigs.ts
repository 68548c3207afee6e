import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readEKSUser } from '../../aws/stanza/eks-user.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Host, Logger } from '../../host.ts';
import { expandHome } from '../../kubeconfig/read/kubeconfig-paths.ts';
import { oneContextText } from '../../kubeconfig/read/one-context.ts';
import { readKubeconfigValue } from '../../kubeconfig/read/parse-kubeconfig.ts';
import { noSuchFile, readKubeconfigText } from '../../kubeconfig/read/read-text.ts';
import { contextNames, selectContext } from '../../kubeconfig/read/select-context.ts';
import { parseYAML } from '../../kubeconfig/read/yaml.ts';
import { isPlainName } from '../../text/foreign-text.ts';
import { isHarmless } from '../untrusted-config.ts';
import { type LeftOut, NOTHING_LEFT_OUT } from './left-out.ts';
import type { EKSContext, OperatorContext } from './operator-contexts.ts';

/** A file of the operator as it was read last. */
interface OperatorFile {
  readonly text: string;
  readonly currentContext: string | undefined;
  /** The EKS contexts, with those whose names a model may not see. */
  readonly contexts: readonly EKSContext[];
  readonly oddNames: readonly string[];
  readonly unusable: readonly string[];
  /** EKS contexts that cannot be registered. */
  readonly refused: readonly string[];
  readonly otherUsers: number;
}

/** What the files of the operator say now. */
export interface OperatorState {
  /** The EKS contexts whose names a model may see. Of contexts with the same name, the first one counts. */
  readonly contexts: readonly OperatorContext[];
  /** The other EKS contexts. */
  readonly oddlyNamed: readonly OperatorContext[];
  /** All EKS contexts of all files. */
  readonly all: readonly EKSContext[];
  readonly texts: readonly string[];
  readonly leftOut: LeftOut;
}

const NAME_IN_MESSAGES = 'the kubeconfig';
/** How many names one line of the log has. */
const MOST_LOGGED = 10;

/**
 * The operator's own kubeconfig files. A file is parsed only if its text has changed: parsing one of 1,000 contexts takes
 * most of a second.
 */
export class OperatorKubeconfigs {
  readonly #paths: readonly string[];
  readonly #host: Host;
  readonly #known = new Map<string, OperatorFile>();
  /** The trouble that was logged last for a file. */
  readonly #logged = new Map<string, string>();
  #reading: Promise<OperatorState> | undefined;
  #state: OperatorState = { contexts: [], oddlyNamed: [], all: [], texts: [], leftOut: NOTHING_LEFT_OUT };

  constructor(paths: readonly string[], host: Host) {
    this.#paths = [...new Set(paths.map((path) => resolve(expandHome(path, host.env))))];
    this.#host = host;
  }

  /** What the files said when they were read last. */
  get state(): OperatorState {
    return this.#state;
  }

  /** Reads the files. Calls at one time share the reading. */
  read(): Promise<OperatorState> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<OperatorState> {
    const files: OperatorFile[] = [];
    const unreadable: EKSAuthError[] = [];
    for (const path of this.#paths) {
      try {
        files.push(await this.#readFile(path));
      } catch (error) {
        if (!(error instanceof EKSAuthError)) throw error;
        this.#known.delete(path);
        unreadable.push(error);
        this.#logOnce(path, error.message, (logger) => {
          const { code, message } = error;
          logger.warn('mcp: a trusted kubeconfig cannot be read', { path, code, error: message });
        });
      }
    }
    const current = files.find((file) => file.currentContext !== undefined)?.currentContext;
    const contexts = new Map<string, OperatorContext>();
    const all = files.flatMap((file) => file.contexts);
    for (const context of all) {
      const { name } = context.selected.context;
      if (!contexts.has(name)) contexts.set(name, { ...context, isCurrent: name === current });
    }
    const count = (of: (file: OperatorFile) => readonly string[]) =>
      files.reduce((sum, file) => sum + of(file).length, 0);
    const isOdd = ({ selected }: OperatorContext): boolean => !isPlainName(selected.context.name);
    const named = [...contexts.values()];
    this.#state = {
      contexts: named.filter((context) => !isOdd(context)),
      oddlyNamed: named.filter(isOdd),
      all,
      texts: files.map(({ text }) => text),
      leftOut: {
        unreadable,
        oddNames: count((file) => file.oddNames),
        unusable: count((file) => file.unusable),
        refused: count((file) => file.refused),
        // Beside EKS contexts they are not missed.
        otherUsers: all.length > 0 ? 0 : files.reduce((sum, file) => sum + file.otherUsers, 0),
      },
    };
    return this.#state;
  }

  async #readFile(path: string): Promise<OperatorFile> {
    const text = await readRegularFile(path);
    const before = this.#known.get(path);
    const file = before?.text === text ? before : parsed(text, path);
    this.#known.set(path, file);
    const names = [...file.oddNames, ...file.unusable, ...file.refused];
    if (names.length === 0) this.#logged.delete(path);
    else {
      this.#logOnce(path, names.join('\n'), (logger) => {
        const more = names.length - MOST_LOGGED;
        const counted = more > 0 ? { more } : {};
        logger.warn('mcp: contexts are left out', { path, names: names.slice(0, MOST_LOGGED), ...counted });
      });
    }
    return file;
  }

  #logOnce(path: string, what: string, log: (logger: Logger) => void): void {
    if (this.#logged.get(path) === what) return;
    this.#logged.set(path, what);
    log(this.#host.logger);
  }
}

/** @throws EKSAuthError INVALID_KUBECONFIG */
async function readRegularFile(path: string): Promise<string> {
  // A pipe could be read only once.
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isFIFO()) {
    throw new EKSAuthError('INVALID_KUBECONFIG', `${path} is a pipe.`, {
      remedy: 'Write its text to a file, and name that file.',
    });
  }
  const text = await readKubeconfigText(path);
  if (text === undefined) throw noSuchFile([path]);
  return text;
}

/** @throws EKSAuthError INVALID_KUBECONFIG */
function parsed(text: string, path: string): OperatorFile {
  const root = parseYAML(text, path);
  const directory = dirname(path);
  // Without a folder, as a kubeconfig from a text is read: what a context names is compared with its registration.
  const file = readKubeconfigValue(root, { place: NAME_IN_MESSAGES });
  const contexts: EKSContext[] = [];
  const oddNames: string[] = [];
  const unusable: string[] = [];
  const refused: string[] = [];
  let otherUsers = 0;
  for (const name of contextNames([file])) {
    try {
      const selected = selectContext([file], name);
      const config = readEKSUser(selected);
      if (config === undefined) {
        otherUsers += 1;
        continue;
      }
      const isRefused = !isHarmless(selected, config);
      if (isRefused) refused.push(name);
      else if (!isPlainName(name)) oddNames.push(name);
      const { cluster, user } = selected.context;
      contexts.push({
        selected,
        config,
        directory,
        isRefused,
        text: () => oneContextText(root, { context: name, cluster, user }),
      });
    } catch (error) {
      if (!(error instanceof EKSAuthError)) throw error;
      unusable.push(name);
    }
  }
  return { text, currentContext: file.currentContext, contexts, oddNames, unusable, refused, otherUsers };
}
