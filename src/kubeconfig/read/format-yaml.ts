import { createRequire } from 'node:module';
import type * as YAML from 'yaml';

// Loaded where it is needed and not before, as in yaml.ts.
const require = createRequire(import.meta.url);

/** A plain value as a YAML document. */
export function formatYAML(value: unknown): string {
  const { stringify } = require('yaml') as typeof YAML;
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
