import type { KubernetesObject } from './objects.ts';
import { stringAt } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import { badRequest } from './status-error.ts';

/** Whether an object matches a request. */
export type Selector = (object: KubernetesObject) => boolean;

/** Combines the `labelSelector` and the `fieldSelector` of a request. Throws 400 for an invalid selector. */
export function parseSelectors(type: ResourceType, parameters: URLSearchParams): Selector {
  const labels = parseLabelSelector(parameters.get('labelSelector') ?? '');
  const fields = parseFieldSelector(type, parameters.get('fieldSelector') ?? '');
  return (object) => labels(object) && fields(object);
}

/** `a=b,a==b,a!=b,a in (b,c),a notin (b,c),a,!a` */
function parseLabelSelector(text: string): Selector {
  // Commas in parentheses separate values. Other commas separate requirements.
  const requirements = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  const tests = requirements.filter((part) => part !== '').map(parseLabelRequirement);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

function parseLabelRequirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^([\w./-]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: Readonly<Record<string, string>>) => values.includes(labels[key] ?? '\0');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equality = /^([\w./-]+)\s*(==?|!=)\s*([\w.-]*)$/.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = /^(!?)\s*([\w./-]+)$/.exec(text);
  if (existence === null) throw badRequest(`unable to parse requirement: ${text}`);
  const [, negation, key = ''] = existence;
  return (labels) => (labels[key] !== undefined) === (negation === '');
}

/** `path=value`, `path==value` and `path!=value`, joined by commas, for the selectable fields of a type. */
function parseFieldSelector(type: ResourceType, text: string): Selector {
  const known = new Map(
    [['metadata', 'name'], ['metadata', 'namespace'], ...type.selectableFields].map((path) => [path.join('.'), path]),
  );
  const tests = text
    .split(',')
    .filter((part) => part !== '')
    .map((part): Selector => {
      const match = /^([\w.]+)(==?|!=)(.*)$/.exec(part);
      if (match === null) throw badRequest(`invalid field selector: ${part}`);
      const [, name = '', operator, value] = match;
      const path = known.get(name);
      if (path === undefined) throw badRequest(`field label not supported: ${name}`);
      return (object) => ((stringAt(object, ...path) ?? '') === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}
