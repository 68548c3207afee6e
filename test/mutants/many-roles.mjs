// Thousands of roles at once, and clusters that are found.

const faults = (file, titles) => [
  '--project',
  'faults',
  `test/faults/${file}.test.ts`,
  ...(titles ? ['-t', titles] : []),
];

const BROUGHT = ['--project', 'integration', 'test/integration/cluster/registry/brought-keys.test.ts'];
const NEIGHBOURS = ['--project', 'integration', 'test/integration/aws/token/fleet-neighbours.test.ts'];
const AFFINITY = ['--project', 'faults', 'test/integration/aws/token/fleet-affinity.test.ts'];
const GATE = 'src/aws/gate/gate.ts';
const SCOPE = 'src/cluster/discovery/eks-scope.ts';
const FOLLOW = 'src/cluster/discovery/follow-source.ts';

/** @type {readonly { name: string, file: string, find: string, replace: string, tests: readonly string[] }[]} */
export const manyRoles = [
  {
    name: 'gate: renewals of logins of IAM Identity Center go around it',
    file: 'src/aws/credentials/sso-token.ts',
    find: "{ ...memory.gates.to('sso', url), kept: false },",
    replace: 'undefined,',
    tests: faults('aws-limits', 'renews at most 10 logins at once'),
  },
  {
    name: 'gate: renewals of logins of AWS Sign-In go around it',
    file: 'src/aws/credentials/login-renewal.ts',
    find: "{ ...memory.gates.to('sso', url), kept: false },",
    replace: 'undefined,',
    tests: faults('aws-limits', 'renews at most 10 of them at once'),
  },
  {
    name: 'gate: roles of IAM Identity Center go around it',
    file: 'src/aws/credentials/sso.ts',
    find: "{ ...memory.gates.to('sso', portalUrl), urgency },",
    replace: 'undefined,',
    tests: faults('aws-limits', '20 a second'),
  },
  {
    name: 'gate: requests to EKS go around it',
    file: 'src/aws/mint/ask-eks.ts',
    find: '{ ...plan.retry, attempts }, way)',
    replace: '{ ...plan.retry, attempts })',
    tests: faults('aws-limits', 'ListClusters'),
  },
  {
    name: 'gate: any number of requests goes at once',
    file: GATE,
    find: 'this.#inFlight < this.#width',
    replace: 'this.#width > 0',
    tests: faults('many-roles', 'under way'),
  },
  {
    name: 'gate: any number of requests begins in a second',
    file: GATE,
    find: 'return oldest === undefined ? 0 : oldest + WINDOW_MS;',
    replace: 'return 0;',
    tests: faults('aws-limits', 'asks for at most 10 at once and 20 a second'),
  },
  {
    name: 'gate: a refresh ahead of time goes before a call that a caller waits for',
    file: GATE,
    find: 'const queue = this.#waitedFor.size > 0 ? this.#waitedFor : this.#ahead;',
    replace: 'const queue = this.#ahead.size > 0 ? this.#ahead : this.#waitedFor;',
    tests: faults('many-roles', 'before one that refreshes'),
  },
  {
    name: 'gate: only the throttled request pauses',
    file: GATE,
    find: 'Math.max(this.#pausedUntil, performance.now() + throttledMs)',
    replace: '0',
    tests: faults('many-roles', 'sends no call while'),
  },
  {
    name: 'gate: a call is signed before its turn',
    file: 'src/aws/credentials/sts-client.ts',
    find: 'await enter(way, { url: mint.sts.url, signal: mint.signal });',
    replace: '',
    tests: faults('many-roles', 'signs a call when its turn'),
  },
  {
    name: 'memory: each mint has its own copy of a bundle of certificates',
    file: 'src/recording/known-content.ts',
    find: 'if (found) return found.bytes;',
    replace: '',
    tests: faults('known-content'),
  },
  {
    name: 'memory: a bundle of certificates with the same date is the same one',
    file: 'src/recording/known-content.ts',
    find: '[dev, ino, size, mtimeNs, ctimeNs]',
    replace: '[dev, ino, size, mtimeNs]',
    tests: faults('known-content'),
  },
  {
    name: 'ticker: each token manager has a timer of its own',
    file: 'src/aws/token/token-manager.ts',
    find: 'options.ticker ?? TICKER_OF_PROCESS',
    replace: 'options.ticker ?? new (TICKER_OF_PROCESS.constructor as typeof RefreshTicker)()',
    tests: ['--project', 'integration', 'test/integration/aws/token/token-manager.test.ts', '-t', 'one timer'],
  },
  {
    name: 'fleet: each machine assumes the role for a refresh ahead of time',
    file: 'src/aws/fleet/affinity.ts',
    find: '(HELD.get(memory)?.get(role) ?? 0) <= now().getTime()',
    replace: '(HELD.get(memory)?.get(role) ?? 0) < 0 && now().getTime() > 0',
    tests: AFFINITY,
  },
  {
    name: 'fleet: who has assumed a role makes no token of its other clusters',
    file: 'src/aws/fleet/through-fleet.ts',
    find: 'if (isNew && given === undefined)',
    replace: 'if (isNew && given !== undefined)',
    tests: NEIGHBOURS,
  },
  {
    name: 'fleet: a token is made ahead though another machine has made it',
    file: 'src/aws/fleet/share-ahead.ts',
    find: "kind === 'hit' || !(await fleet.claimForOthers(what))",
    replace: 'fleet === undefined',
    tests: NEIGHBOURS,
  },
  {
    name: 'fleet: tokens are made ahead with credentials of a caller',
    file: 'src/cluster/registry/registrar.ts',
    find: 'if (eks?.findsCredentials) yield',
    replace: 'if (eks) yield',
    tests: NEIGHBOURS,
  },
  {
    name: 'fleet: keys of a kubeconfig count as those of the machine',
    file: 'src/aws/fleet/portable-identity.ts',
    find: 'if (brought !== undefined) return local',
    replace: 'if (brought === undefined && false) return local',
    tests: BROUGHT,
  },
  {
    name: 'fleet: no kubeconfig with variables takes part',
    file: 'src/aws/stanza/brought-by-stanza.ts',
    find: 'READ.has(name) && !CHOICES.has(name)',
    replace: 'READ.has(name)',
    tests: BROUGHT,
  },
  {
    name: 'cache: the id of a key that a stranger names finds its entry',
    file: 'src/aws/token/shared-or-made.ts',
    find: "request.execPolicy === 'eks-only' && bringsKeys(config)",
    replace: "request.execPolicy === 'eks-only' && !config",
    tests: BROUGHT,
  },
  {
    name: 'fleet: a refresh is left to other machines until the token has ended',
    file: 'src/aws/refresh/refresh-windows.ts',
    find: 'left: 200_000 }',
    replace: 'left: 0 }',
    tests: AFFINITY,
  },
  {
    name: 'fleet: a refresh that was left is tried again at once',
    file: 'src/aws/refresh/refresh-failures.ts',
    find: 'this.#notBefore = now + lookLaterMs();',
    replace: 'this.#notBefore = now + lookLaterMs() * 0;',
    tests: AFFINITY,
  },
  {
    name: 'discovery: a known cluster is never described again',
    file: SCOPE,
    find: 'const DESCRIBED_FOR_MS = 60 * 60_000;',
    replace: 'const DESCRIBED_FOR_MS = 24 * 60 * 60_000;',
    tests: faults('discovery-changes', 'after an hour'),
  },
  {
    name: 'discovery: each list describes all clusters',
    file: SCOPE,
    find: 'const DESCRIBED_FOR_MS = 60 * 60_000;',
    replace: 'const DESCRIBED_FOR_MS = 0;',
    tests: faults('discovery-changes', 'after an hour'),
  },
  {
    name: 'discovery: a cluster that cannot be reached is not described again',
    file: FOLLOW,
    find: 'if (description) await adopt(member, description);',
    replace: '',
    tests: faults('discovery-changes', 'certificate'),
  },
  {
    name: 'discovery: a source cannot change the role of a cluster',
    file: FOLLOW,
    find: 'if (sameRole && isDeepStrictEqual(contextOf(member.description), contextOf(description))) return;',
    replace: 'if (isDeepStrictEqual(member.description.server, description.server) && (sameRole || !sameRole)) return;',
    tests: faults('discovery-changes', 'the role'),
  },
  {
    name: 'discovery: any endpoint is taken',
    file: SCOPE,
    find: 'if (!isExpectedEndpoint(endpoint, this.region, this.#endpoints)) {',
    replace: 'if (isExpectedEndpoint(endpoint, this.region, this.#endpoints) === undefined) {',
    tests: faults('discovery-changes', 'another endpoint'),
  },
  {
    name: 'discovery: a list with a failed part counts as whole',
    file: FOLLOW,
    find: '    unread();\n',
    replace: '',
    tests: faults('reported-activity', 'age of the last whole list'),
  },
  {
    name: 'discovery: a part that waits after a failure counts as read',
    file: SCOPE,
    find: 'context.unread(this.name);',
    replace: '',
    tests: faults('reported-activity', 'waits after a failure'),
  },
];
