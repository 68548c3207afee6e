import type { JSONObject } from './objects.ts';
import { RESOURCE_TYPES } from './resource-types.ts';

/** The authenticated user of a request. */
export interface User {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The action of a request on a resource. */
export interface Attempt {
  readonly verb: string;
  readonly group: string;
  readonly plural: string;
}

const READING = ['get', 'list', 'watch'];
/** As the role `view` of Kubernetes: everything but secrets. */
const READABLE = RESOURCE_TYPES.map(({ plural }) => plural).filter((plural) => plural !== 'secrets');

/** The RBAC rules of a user's groups: `system:masters` may do everything, `readers` may read all resources but secrets. */
function rulesOf(
  user: User,
): readonly { verbs: readonly string[]; apiGroups: readonly string[]; resources: readonly string[] }[] {
  const own = [
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
  ];
  if (user.groups.includes('system:masters')) return [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, ...own];
  if (user.groups.includes('readers')) return [{ verbs: READING, apiGroups: [''], resources: READABLE }, ...own];
  return own;
}

/** Whether the user may perform an action. */
export function mayDo(user: User, { verb, group, plural }: Attempt): boolean {
  const matches = (list: readonly string[], value: string) => list.includes('*') || list.includes(value);
  return rulesOf(user).some((rule) => {
    return matches(rule.verbs, verb) && matches(rule.apiGroups, group) && matches(rule.resources, plural);
  });
}

/** The same rules, as SelfSubjectRulesReview lists them. */
export function resourceRules(user: User): readonly JSONObject[] {
  return rulesOf(user).map((rule) => ({ ...rule }));
}
