import { mayDo, resourceRules, type User } from './access.ts';
import { isJSONObject, type JSONObject, stringAt } from './objects.ts';
import { timestamp } from './store.ts';

/** A review of the caller. It is answered and not stored. */
export interface ReviewType {
  readonly group: string;
  readonly versions: readonly [preferred: string, ...others: string[]];
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly answer: (user: User, body: JSONObject) => JSONObject;
}

/** The reviews that `kubectl auth whoami` and `kubectl auth can-i [--list]` use. */
export const REVIEW_TYPES: readonly ReviewType[] = [
  {
    group: 'authentication.k8s.io',
    versions: ['v1', 'v1beta1'],
    plural: 'selfsubjectreviews',
    singular: 'selfsubjectreview',
    kind: 'SelfSubjectReview',
    answer: ({ username, uid, groups, extra }) => ({
      status: { userInfo: { username, uid, groups, extra } },
    }),
  },
  {
    group: 'authorization.k8s.io',
    versions: ['v1'],
    plural: 'selfsubjectaccessreviews',
    singular: 'selfsubjectaccessreview',
    kind: 'SelfSubjectAccessReview',
    answer: (user, body) => ({ spec: body.spec, status: { allowed: isAllowed(user, body) } }),
  },
  {
    group: 'authorization.k8s.io',
    versions: ['v1'],
    plural: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    kind: 'SelfSubjectRulesReview',
    answer: (user, body) => ({
      spec: body.spec,
      status: {
        resourceRules: resourceRules(user),
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/version'] }],
        incomplete: false,
      },
    }),
  },
];

/** The answer to a posted review. */
export function answerReview(type: ReviewType, version: string, user: User, body: JSONObject, now: Date): JSONObject {
  return {
    kind: type.kind,
    apiVersion: `${type.group}/${version}`,
    metadata: { creationTimestamp: timestamp(now) },
    ...type.answer(user, body),
  };
}

function isAllowed(user: User, body: JSONObject): boolean {
  const spec = isJSONObject(body.spec) ? body.spec : {};
  const resource = spec.resourceAttributes;
  if (!isJSONObject(resource)) return stringAt(spec, 'nonResourceAttributes', 'verb') === 'get';
  const { verb, group, resource: plural } = resource;
  return mayDo(user, { verb: String(verb ?? ''), group: String(group ?? ''), plural: String(plural ?? '') });
}
