import { inspect } from 'node:util';
import type { Environment } from '../host.ts';

/**
 * The environment variables of one kubeconfig stanza. The values may be keys, so `inspect()`, `console.log()` and
 * `JSON.stringify()` show the names only.
 */
export class ExecEnvironment {
  readonly #values: ReadonlyMap<string, string>;

  constructor(variables: Iterable<{ readonly name: string; readonly value: string }> = []) {
    this.#values = new Map(Array.from(variables, ({ name, value }) => [name, value]));
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The values, to lay over a process environment. */
  toEnvironment(): Environment {
    return Object.fromEntries(this.#values);
  }

  toJSON(): unknown {
    return Object.fromEntries(this.names().map((name) => [name, '<hidden>']));
  }

  [inspect.custom](): string {
    return `ExecEnvironment { ${this.names()
      .map((name) => `${name}: <hidden>`)
      .join(', ')} }`;
  }
}
