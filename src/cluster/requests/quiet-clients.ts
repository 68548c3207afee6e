import type { ApiConstructor, ApiType } from '@kubernetes/client-node';
import { withServerWords } from './server-words.ts';

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

const quietClasses = new WeakMap<object, unknown>();

/**
 * A class of API clients in whose errors nothing that a server has said has an effect on a terminal. They quote bodies,
 * headers and redirects, and parsers of JSON quote what they cannot read.
 */
export function quietClass<T extends ApiType>(base: ApiConstructor<T>): ApiConstructor<T> {
  const names = methodsOf(base.prototype as object);
  if (names.length === 0) return base;
  const known = quietClasses.get(base) ?? derived(base, names);
  quietClasses.set(base, known);
  return known as ApiConstructor<T>;
}

function derived<T extends ApiType>(base: ApiConstructor<T>, names: readonly string[]): ApiConstructor<T> {
  const Base = base as unknown as new (...args: unknown[]) => object;
  const Quiet = class extends Base {};
  Object.defineProperty(Quiet, 'name', { value: base.name });
  for (const name of names) {
    const value = function (this: unknown, ...args: unknown[]): unknown {
      // The method is looked up at each call: tools of the caller may replace it.
      const result = (base.prototype as Methods)[name]?.apply(this, args);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        throw withServerWords(error, undefined);
      });
    };
    Object.defineProperty(Quiet.prototype, name, { value, configurable: true, writable: true });
  }
  return Quiet as unknown as ApiConstructor<T>;
}

/** The names of the methods of a class and of those that it extends. */
function methodsOf(prototype: object | null): readonly string[] {
  if (prototype === null || prototype === Object.prototype) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  const names = own.flatMap(([name, { value }]) =>
    typeof value === 'function' && name !== 'constructor' ? [name] : [],
  );
  return [...new Set([...names, ...methodsOf(Object.getPrototypeOf(prototype))])];
}
