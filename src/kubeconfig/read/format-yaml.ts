import { createRequire } from 'node:module';
import type * as YAML from 'yaml';

// Loaded on first use, as in yaml.ts.
const require = createRequire(import.meta.url);

/** A plain value as a YAML document. */
export function formatYAML(value: unknown): string {
  const { stringify } = require('yaml') as typeof YAML;
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
