import { type Environment, INSPECT } from '../../host.ts';

/**
 * The environment variables of one kubeconfig stanza. The values may be keys, so `inspect()`, `console.log()` and
 * `JSON.stringify()` show the names only.
 * @example
 * ```ts
 * import { ExecEnvironment, parseExecConfig } from 'ekspress';
 *
 * const env = new ExecEnvironment([{ name: 'AWS_PROFILE', value: 'acme' }]);
 * const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'dev'], env });
 * console.log(config.exec.env.get('AWS_PROFILE'), env); // acme ExecEnvironment { AWS_PROFILE: <hidden> }
 * ```
 */
export class ExecEnvironment {
  readonly #values: ReadonlyMap<string, string>;

  /** The variables as in a kubeconfig; of two with the same name the last counts. */
  constructor(variables: Iterable<{ readonly name: string; readonly value: string }> = []) {
    this.#values = new Map(Array.from(variables, ({ name, value }) => [name, value]));
  }

  /** The value of a variable of the stanza. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** In the order of the stanza. */
  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** A copy with further variables, which replace those of the same name. */
  with(variables: readonly { readonly name: string; readonly value: string }[]): ExecEnvironment {
    const own = Array.from(this.#values, ([name, value]) => ({ name, value }));
    return new ExecEnvironment([...own, ...variables]);
  }

  /** The values, to lay over a process environment. */
  toEnvironment(): Environment {
    return Object.fromEntries(this.#values);
  }

  /** The names, with the values hidden. */
  toJSON(): unknown {
    return Object.fromEntries(this.names().map((name) => [name, '<hidden>']));
  }

  static {
    const value = function (this: ExecEnvironment): string {
      const names = this.names().map((name) => `${name}: <hidden>`);
      return `ExecEnvironment { ${names.join(', ')} }`;
    };
    Object.defineProperty(ExecEnvironment.prototype, INSPECT, { value });
  }
}
