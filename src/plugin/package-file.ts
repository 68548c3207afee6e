import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The absolute path of a file in this package, from its path in the package. Only the programs of the package may use
 * it: the library must also work in a bundle, where the package does not exist.
 */
export function packageFile(path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve('ekspress/package.json')), path);
}
