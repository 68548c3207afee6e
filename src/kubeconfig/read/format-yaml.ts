import { escapeUnseen, holdsUnseen } from '../../text/foreign-text.ts';
import loadYAML from './load-yaml.cjs';

/** A plain value as a YAML document. Names in it have no effect on a terminal: what cannot be seen is escaped. */
export function formatYAML(value: unknown): string {
  const { Document, visit } = loadYAML();
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      // Only double quotes have escape sequences.
      if (typeof scalar.value === 'string' && holdsUnseen(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeUnseen(document.toString({ lineWidth: 0 }), 'yaml');
}
