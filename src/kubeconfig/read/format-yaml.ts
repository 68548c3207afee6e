import loadYAML from './load-yaml.cjs';

/** A plain value as a YAML document. */
export function formatYAML(value: unknown): string {
  const { stringify } = loadYAML();
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
