import { createRequire } from 'node:module';

/** The version of this package. The build replaces this file by its value: a bundle of a service has no package.json. */
export const VERSION: string = createRequire(import.meta.url)('../../package.json').version;
