import { Agent } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalEKS, startLocalEKS } from '../../../../src/testing/index.ts';
import { applyPatch } from '../../../../src/testing/kubernetes/patch.ts';
import { shortDuration } from '../../../../src/testing/kubernetes/table-response.ts';
import { ask, events, next, open, type RequestOptions } from '../../../support/local-eks-request.ts';

let eks: LocalEKS;

beforeAll(async () => {
  eks = await startLocalEKS();
});
afterAll(() => eks.close());

let namespace = '';
let count = 0;
beforeEach(async () => {
  count += 1;
  namespace = `test-${count}`;
  await post('/api/v1/namespaces', { metadata: { name: namespace } });
});

const post = (path: string, body: unknown, options: RequestOptions = {}) =>
  ask(eks, 'POST', path, { body, ...options });
const get = (path: string, options: RequestOptions = {}) => ask(eks, 'GET', path, options);
const inside = (rest: string) => `/api/v1/namespaces/${namespace}/${rest}`;
const configMap = (name: string, more: object = {}) => ({ metadata: { name, ...more }, data: { a: '1' } });
const pod = (name: string) => ({ metadata: { name }, spec: { containers: [{ name: 'main', image: 'busybox' }] } });

describe('the creation of objects', () => {
  it('fills in what the server decides, and nothing that the client claims of it', async () => {
    const claimed = {
      uid: 'mine',
      resourceVersion: '7',
      creationTimestamp: '2000-01-01T00:00:00Z',
      generateName: 'x-',
    };
    const { status, body } = await post(inside('configmaps'), configMap('one', claimed));
    expect(status).toBe(201);
    expect(body).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.now() - Date.parse(body.metadata.creationTimestamp)).toBeLessThan(60_000);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(1000);
    expect(body.metadata).toMatchObject({ name: 'one', namespace });
  });

  it('generates names, starts pods as Pending and namespaces as Active', async () => {
    const generated = await post(inside('configmaps'), { metadata: { generateName: 'job-' } });
    expect(generated.body.metadata.name).toMatch(/^job-[a-z0-9]{5}$/);
    const created = await post(inside('pods'), { ...pod('one'), status: { phase: 'Running' } });
    expect(created.body.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect((await get(`/api/v1/namespaces/${namespace}`)).body).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': namespace } },
      status: { phase: 'Active' },
    });
  });

  it.each([
    [
      'no name',
      422,
      { data: {} },
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'a bad name',
      422,
      configMap('Not_A_Name'),
      'ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain',
    ],
    ['data that is no text', 422, { ...configMap('x'), data: { a: 1 } }, 'data[a]: Invalid value: must be a string'],
    [
      'a label that is no text',
      422,
      configMap('x', { labels: { a: 1 } }),
      'metadata.labels: Invalid value: "a": must be a string',
    ],
    [
      'another namespace',
      400,
      configMap('x', { namespace: 'default' }),
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another kind',
      400,
      { kind: 'Pod', apiVersion: 'v1', ...configMap('x') },
      'Pod in version "v1" cannot be handled as a ConfigMap',
    ],
    ['a list', 400, [], 'the body of the request is not an object'],
    ['no JSON', 400, '{', 'the object provided is unrecognized: it is not JSON'],
  ])('refuses %s with %i', async (_, code, body, message) => {
    const answer = await post(inside('configmaps'), body);
    expect(answer.status).toBe(code);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: code === 422 ? 'Invalid' : 'BadRequest',
      code,
    });
    expect(answer.body.message).toContain(message);
  });

  it('refuses pods without containers, twins, and what belongs into a namespace that is not there', async () => {
    const empty = await post(inside('pods'), { metadata: { name: 'x' }, spec: {} });
    expect(empty.body.details.causes).toEqual([
      { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers' },
    ]);
    const nameless = await post(inside('pods'), { metadata: { name: 'x' }, spec: { containers: [{}] } });
    expect(nameless.body.message).toBe(
      'Pod "x" is invalid: [spec.containers[0].name: Required value, spec.containers[0].image: Required value]',
    );
    await post(inside('configmaps'), configMap('one'));
    expect((await post(inside('configmaps'), configMap('one'))).body).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
    });
    const nowhere = await post('/api/v1/namespaces/nowhere/configmaps', configMap('one'));
    expect(nowhere.body).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' });
  });

  it('stores nothing in a dry run', async () => {
    expect((await post(`${inside('configmaps')}?dryRun=All`, configMap('one'))).status).toBe(201);
    expect((await get(inside('configmaps/one'))).status).toBe(404);
    await post(inside('configmaps'), configMap('two'));
    await ask(eks, 'DELETE', inside('configmaps/two'), {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] },
    });
    expect((await get(inside('configmaps/two'))).status).toBe(200);
  });

  it('takes bodies of Go clients in protobuf, and says so where it cannot', async () => {
    const headers = { 'Content-Type': 'application/vnd.kubernetes.protobuf' };
    const text = (number: number, value: string | Buffer) => {
      return Buffer.concat([Buffer.from([number * 8 + 2, Buffer.byteLength(value)]), Buffer.from(value)]);
    };
    const object = (kind: string, raw: Buffer) => {
      const envelope = [text(1, Buffer.concat([text(1, 'v1'), text(2, kind)])), text(2, raw), text(3, ''), text(4, '')];
      return Buffer.concat([Buffer.from('k8s\0'), ...envelope]);
    };
    const metadata = text(
      1,
      Buffer.concat([text(1, 'binary'), text(2, ''), text(11, Buffer.concat([text(1, 'l'), text(2, 'v')]))]),
    );
    const data = (key: string, value: string) => text(2, Buffer.concat([text(1, key), text(2, value)]));
    const raw = Buffer.concat([
      metadata,
      data('a', '1'),
      data('b', ''),
      text(3, Buffer.concat([text(1, 'bin'), text(2, Buffer.from([0, 255]))])),
    ]);
    const created = await post(inside('configmaps'), object('ConfigMap', raw), { headers });
    expect(created.body).toMatchObject({
      metadata: { name: 'binary', labels: { l: 'v' } },
      data: { a: '1', b: '' },
      binaryData: { bin: 'AP8=' },
    });
    const unknown = await post(inside('pods'), object('Pod', metadata), { headers });
    expect(unknown.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    const cut = await post(inside('configmaps'), object('ConfigMap', raw).subarray(0, 60), { headers });
    expect(cut.body).toMatchObject({ code: 415 });
    expect((await post(inside('configmaps'), 'a: 1', { headers: { 'Content-Type': 'application/yaml' } })).status).toBe(
      415,
    );
  });
});

describe('the reading of objects', () => {
  it('lists by namespace and over all, without repeating what the list says', async () => {
    await post(inside('configmaps'), configMap('one'));
    const { body } = await get(inside('configmaps'));
    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(Object.keys(body.items[0])).not.toContain('kind');
    const all = (await get('/api/v1/configmaps')).body.items.map((item: typeof body) => item.metadata.namespace);
    expect(all).toEqual(expect.arrayContaining([namespace, 'kube-system']));
  });

  it.each([
    ['labelSelector=app=web', ['a', 'b']],
    ['labelSelector=app==web,tier!=front', ['b']],
    ['labelSelector=app in (db, cache)', ['c']],
    ['labelSelector=app notin (web)', ['c', 'd']],
    ['labelSelector=tier', ['a', 'b']],
    ['labelSelector=!app', ['d']],
    ['fieldSelector=metadata.name=c', ['c']],
    ['fieldSelector=metadata.name!=c,metadata.namespace=NAMESPACE', ['a', 'b', 'd']],
    ['labelSelector=app=web&fieldSelector=metadata.name=b', ['b']],
  ])('selects by %s', async (query, names) => {
    const labels = { a: { app: 'web', tier: 'front' }, b: { app: 'web', tier: 'back' }, c: { app: 'db' }, d: {} };
    for (const [name, own] of Object.entries(labels))
      await post(inside('configmaps'), configMap(name, { labels: own }));
    const parameters = encodeURI(query.replace('NAMESPACE', namespace)).replace(
      /(?<=Selector=[^&]*)=(?=[^&]*)/g,
      '%3D',
    );
    const { body } = await get(`${inside('configmaps')}?${parameters}`);
    expect(body.items.map((item: typeof body) => item.metadata.name)).toEqual(names);
  });

  it('refuses selectors that it does not understand', async () => {
    expect((await get('/api/v1/pods?fieldSelector=spec.unknown%3D1')).body).toMatchObject({
      code: 400,
      message: 'field label not supported: spec.unknown',
    });
    expect((await get('/api/v1/pods?labelSelector=a%20b%20c')).body).toMatchObject({ code: 400 });
  });

  it('pages through a list with limit and continue', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await post(inside('configmaps'), configMap(name));
    const pages: string[][] = [];
    for (let token = ''; ; ) {
      const { body } = await get(`${inside('configmaps')}?limit=2&continue=${token}`);
      pages.push(body.items.map((item: typeof body) => item.metadata.name));
      if (pages.length === 1) expect(body.metadata.remainingItemCount).toBe(3);
      token = body.metadata.continue;
      if (token === undefined) break;
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect((await get(`${inside('configmaps')}?limit=2&continue=xx`)).status).toBe(400);
  });

  it('prints tables for those who ask, with as much of the object as they ask', async () => {
    await post(inside('pods'), pod('one'));
    const Accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { body } = await get(inside('pods'), { headers: { Accept } });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(body.columnDefinitions.map((column: typeof body) => column.name)).toEqual([
      'Name',
      'Ready',
      'Status',
      'Restarts',
      'Age',
      'IP',
      'Node',
    ]);
    expect(body.rows[0].cells.toSpliced(4, 1)).toEqual(['one', '0/1', 'Pending', 0, '<none>', '<none>']);
    expect(body.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'one' } });
    const full = await get(`${inside('pods/one')}?includeObject=Object`, { headers: { Accept } });
    expect(full.body.rows[0].object).toMatchObject({ kind: 'Pod', spec: {} });
    const none = await get(`${inside('pods')}?includeObject=None`, { headers: { Accept } });
    expect(none.body.rows[0].object).toBeUndefined();
  });

  it.each([
    ['GET', '/api/v1/nodes', 404],
    ['GET', '/apis/apps/v1/deployments', 404],
    ['GET', '/api/v1/pods/one', 404],
    ['GET', '/api/v1/namespaces/default/pods/web/log', 404],
    ['POST', '/api/v1/pods', 405],
    ['PUT', '/api/v1/namespaces', 405],
    ['TRACE', '/api/v1/pods', 405],
    ['GET', '/api/v1/%E0%A4%A', 400],
    ['GET', '/nowhere', 404],
    ['POST', '/version', 404],
  ])('%s %s is answered with %i', async (method, path, code) => {
    expect((await ask(eks, method, path, method === 'GET' ? {} : { body: {} })).body).toMatchObject({
      kind: 'Status',
      code,
    });
  });
});

describe('the changing of objects', () => {
  it('replaces what was read, not what was changed in between', async () => {
    const { body: read } = await post(inside('configmaps'), configMap('one'));
    const put = (body: unknown) => ask(eks, 'PUT', inside('configmaps/one'), { body });
    const changed = await put({ ...read, data: { a: '2' } });
    expect(changed.body).toMatchObject({
      data: { a: '2' },
      metadata: { uid: read.metadata.uid, creationTimestamp: read.metadata.creationTimestamp },
    });
    expect(Number(changed.body.metadata.resourceVersion)).toBeGreaterThan(Number(read.metadata.resourceVersion));
    expect((await put({ ...read, data: { a: '3' } })).body).toMatchObject({ code: 409, reason: 'Conflict' });
    expect((await put({ ...configMap('one'), data: { a: '4' } })).body.data).toEqual({ a: '4' });
    expect((await put(configMap('two'))).body).toMatchObject({ code: 400 });
    expect((await put(configMap('one', { uid: 'another' }))).body).toMatchObject({ code: 409 });
    const again = await get(inside('configmaps/one'));
    expect((await put(again.body)).body.metadata.resourceVersion).toBe(again.body.metadata.resourceVersion);
  });

  it('keeps a status apart from the rest', async () => {
    const { body: read } = await post(inside('pods'), pod('one'));
    const wishful = await ask(eks, 'PUT', inside('pods/one'), { body: { ...read, status: { phase: 'Running' } } });
    expect(wishful.body.status.phase).toBe('Pending');
    const headers = { 'Content-Type': 'application/merge-patch+json' };
    const body = { status: { phase: 'Running' }, metadata: { labels: { a: 'b' } } };
    const reported = await ask(eks, 'PATCH', inside('pods/one/status'), { body, headers });
    expect(reported.body.status.phase).toBe('Running');
    expect(reported.body.metadata.labels).toBeUndefined();
  });

  it('answers 415 to a patch of an unknown kind', async () => {
    await post(inside('configmaps'), configMap('one'));
    const headers = { 'Content-Type': 'application/apply-patch+yaml' };
    const answer = await ask(eks, 'PATCH', inside('configmaps/one'), { body: {}, headers });
    expect(answer.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    expect((await ask(eks, 'PATCH', inside('configmaps/none'), { body: {}, headers })).status).toBe(404);
  });

  it('deletes one, many, and a namespace with all it holds', async () => {
    const created = await post(inside('configmaps'), configMap('one'));
    const preconditions = { uid: 'another' };
    const careful = await ask(eks, 'DELETE', inside('configmaps/one'), { body: { preconditions } });
    expect(careful.body).toMatchObject({ code: 409 });
    const gone = await ask(eks, 'DELETE', inside('configmaps/one'));
    expect(gone.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'one', uid: created.body.metadata.uid },
    });
    for (const name of ['a', 'b']) await post(inside('configmaps'), configMap(name, { labels: { name } }));
    await ask(eks, 'DELETE', `${inside('configmaps')}?labelSelector=name%3Da`);
    expect((await get(inside('configmaps'))).body.items).toHaveLength(1);
    await post(inside('pods'), pod('one'));
    expect((await ask(eks, 'DELETE', `/api/v1/namespaces/${namespace}`)).body).toMatchObject({ kind: 'Namespace' });
    expect(
      (await get('/api/v1/pods')).body.items.filter((item: typeof gone.body) => item.metadata.namespace === namespace),
    ).toEqual([]);
    expect((await ask(eks, 'DELETE', '/api/v1/namespaces/kube-system')).body).toMatchObject({
      code: 403,
      reason: 'Forbidden',
    });
  });
});

describe('a watch of the local cluster', () => {
  const watch = async (query: string, options: RequestOptions = {}) =>
    events(await open(eks, 'GET', `${inside('configmaps')}?watch=1&${query}`, options));
  const patch = (name: string, body: object) => {
    return ask(eks, 'PATCH', inside(`configmaps/${name}`), {
      body,
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
  };

  it('begins with what is there where it has no version', async () => {
    await post(inside('configmaps'), configMap('one'));
    const stream = await watch('');
    expect(await next(stream, 1)).toEqual(['ADDED one']);
    await ask(eks, 'DELETE', inside('configmaps/one'));
    expect(await next(stream, 1)).toEqual(['DELETED one']);
    await stream.return(undefined);
  });

  it('tells what was missed since its version, and nothing twice', async () => {
    await post(inside('configmaps'), configMap('before'));
    const version = (await get(inside('configmaps'))).body.metadata.resourceVersion;
    await post(inside('configmaps'), configMap('after'));
    const stream = await watch(`resourceVersion=${version}`);
    await patch('before', { data: { a: '2' } });
    expect(await next(stream, 2)).toEqual(['ADDED after', 'MODIFIED before']);
    await stream.return(undefined);
  });

  it('shows objects come and go as they match its selector', async () => {
    await post(inside('configmaps'), configMap('one'));
    const stream = await watch('labelSelector=shown%3Dyes');
    await patch('one', { metadata: { labels: { shown: 'yes' } } });
    await patch('one', { data: { a: '2' } });
    await patch('one', { metadata: { labels: { shown: 'no' } } });
    expect(await next(stream, 3)).toEqual(['ADDED one', 'MODIFIED one', 'DELETED one']);
    await stream.return(undefined);
  });

  it('ends after timeoutSeconds', async () => {
    expect(await next(await watch('timeoutSeconds=1'), 1)).toEqual(['END']);
  });

  it('sends bookmarks to those who ask, and one that ends the initial events of a streamed list', async () => {
    await post(inside('configmaps'), configMap('one'));
    const version = (await get(inside('configmaps'))).body.metadata.resourceVersion;
    const plain = await watch(`resourceVersion=${version}&allowWatchBookmarks=true`);
    const { value: bookmark } = await plain.next();
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: version, creationTimestamp: null } },
    });
    await plain.return(undefined);
    const streamed = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
    expect(await next(streamed, 1)).toEqual(['ADDED one']);
    const { value: end } = await streamed.next();
    expect(end).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await streamed.return(undefined);
  });

  it('answers Expired to a version whose history is gone, so that clients list again', async () => {
    await using old = await startLocalEKS();
    const agent = new Agent({ keepAlive: true });
    const body = configMap('busy');
    await ask(old, 'POST', '/api/v1/namespaces/default/configmaps', { body });
    for (let round = 0; round < 1010; round++) {
      await ask(old, 'PATCH', '/api/v1/namespaces/default/configmaps/busy', {
        agent,
        body: { data: { a: String(round) } },
        headers: { 'Content-Type': 'application/merge-patch+json' },
      });
    }
    const stream = events(await open(old, 'GET', '/api/v1/configmaps?watch=true&resourceVersion=1001'));
    expect(await next(stream, 2)).toEqual(['ERROR Expired', 'END']);
    expect((await ask(old, 'GET', '/api/v1/configmaps?watch=true&resourceVersion=x')).status).toBe(400);
  });
});

describe('the discovery of the local cluster', () => {
  it('has the old form for clients that do not ask for the new one', async () => {
    expect((await get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    expect((await get('/apis')).body.groups.map(({ name }: { name: string }) => name)).toEqual([
      'authentication.k8s.io',
      'authorization.k8s.io',
    ]);
    expect((await get('/api/v1')).body.resources.map(({ name }: { name: string }) => name)).toEqual([
      'configmaps',
      'namespaces',
      'pods',
      'secrets',
    ]);
    expect((await get('/apis/authentication.k8s.io')).body).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { version: 'v1' },
    });
    expect((await get('/apis/authentication.k8s.io/v1beta1')).body.resources).toHaveLength(1);
    expect((await get('/apis/authentication.k8s.io/v9')).status).toBe(404);
    expect((await get('/version')).body).toMatchObject({ major: '1', minor: '33' });
  });

  it.each(['v2', 'v2beta1'])('is aggregated in %s for clients that do', async (version) => {
    const Accept = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`;
    const core = await get('/api', { headers: { Accept } });
    expect(core.type).toBe(`application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
    expect(core.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
    expect(core.body.items[0].versions[0].resources.map(({ resource }: { resource: string }) => resource)).toContain(
      'pods',
    );
    const groups = await get('/apis', { headers: { Accept } });
    expect(groups.body.items).toHaveLength(2);
  });
});

describe('patches of objects', () => {
  const object = {
    metadata: { labels: { a: '1', b: '2' } },
    list: [
      { name: 'x', v: 1 },
      { name: 'y', v: 2 },
    ],
    'a/b': { '~': [1, 2] },
  };

  it('merge by RFC 7386', () => {
    const patched = applyPatch(object, 'application/merge-patch+json', {
      metadata: { labels: { a: null, c: '3' } },
      list: [1],
    });
    expect(patched).toEqual({ metadata: { labels: { b: '2', c: '3' } }, list: [1], 'a/b': { '~': [1, 2] } });
  });

  it('merge strategically: lists of objects by their names', () => {
    const patch = {
      list: [
        { name: 'y', v: 3 },
        { name: 'x', $patch: 'delete' },
        { name: 'z', v: 4 },
      ],
      '$setElementOrder/list': [{ name: 'y' }, { name: 'z' }],
      'a/b': { $patch: 'replace', c: 1 },
    };
    const patched = applyPatch(object, 'application/strategic-merge-patch+json; charset=utf-8', patch);
    expect(patched).toEqual({
      metadata: object.metadata,
      list: [
        { name: 'y', v: 3 },
        { name: 'z', v: 4 },
      ],
      'a/b': { c: 1 },
    });
  });

  it('apply the operations of RFC 6902 in order', () => {
    const patch = [
      { op: 'test', path: '/metadata/labels/a', value: '1' },
      { op: 'replace', path: '/metadata/labels/a', value: '9' },
      { op: 'add', path: '/list/1', value: 'between' },
      { op: 'add', path: '/list/-', value: 'last' },
      { op: 'remove', path: '/list/0' },
      { op: 'copy', from: '/metadata/labels/a', path: '/copied' },
      { op: 'move', from: '/metadata/labels/b', path: '/moved' },
      { op: 'replace', path: '/a~1b/~0/0', value: 7 },
    ];
    expect(applyPatch(object, 'application/json-patch+json', patch)).toEqual({
      metadata: { labels: { a: '9' } },
      list: ['between', { name: 'y', v: 2 }, 'last'],
      copied: '9',
      moved: '2',
      'a/b': { '~': [7, 2] },
    });
    expect(object.list).toHaveLength(2);
  });

  it.each([
    [[{ op: 'test', path: '/metadata/labels/a', value: '2' }], 'the test of /metadata/labels/a failed'],
    [[{ op: 'remove', path: '/nothing' }], 'nothing is at /nothing'],
    [[{ op: 'replace', path: '/nothing', value: 1 }], 'nothing is at /nothing'],
    [[{ op: 'dance', path: '/list' }], 'unknown operation of a JSON patch: dance'],
    [[{ op: 'add', path: 'list', value: 1 }], 'not a JSON pointer: list'],
    [[{ op: 'replace', path: '', value: 1 }], 'the patch does not leave an object'],
    [{ op: 'add' }, 'a JSON patch is a list of operations'],
  ])('refuse %j', (patch, message) => {
    expect(() => applyPatch(object, 'application/json-patch+json', patch as never)).toThrow(message);
  });
});

describe('the age of an object', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [200, '3m20s'],
    [3600, '60m'],
    [3 * 3600, '3h'],
    [5 * 3600 + 600, '5h10m'],
    [47 * 3600, '47h'],
    [4 * 86_400 + 6 * 3600, '4d6h'],
    [100 * 86_400, '100d'],
    [3 * 365 * 86_400, '3y'],
    [-5, '0s'],
  ])('is shown for %i seconds as %s', (seconds, text) => {
    expect(shortDuration(seconds * 1000)).toBe(text);
  });
});
