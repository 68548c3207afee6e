import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, openAPIServer } from '../../support/mcp-api-server.ts';
import { type MCPWorld, mcpWorld } from '../../support/mcp-cluster.ts';
import { openTools } from '../../support/mcp-session.ts';
import { unauthorized } from '../../support/scripted-server.ts';

let world: MCPWorld;
beforeAll(async () => {
  world = await mcpWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const checksOf = (value: Record<string, unknown>) =>
  value.checks as readonly { readonly status: string; readonly detail: string; readonly remedy?: string }[];

describe('An API server of Kubernetes before 1.28', () => {
  it('has no groups in the answer, but a note that says so, and its clock is compared', async () => {
    const { session, ask } = await openAPIServer(world, ({ path }, response) => {
      if (!path.endsWith('selfsubjectreviews')) return false;
      json(response, {}, 404);
      return true;
    });
    const note =
      'The API server does not say who asks: Kubernetes does from 1.28 on. Ask the user what `aws sts get-caller-identity` prints.';
    expect(await ask({})).toEqual({ cluster_id: 'dev', note });
    const [, server, clock] = checksOf((await session.call('diagnose', { cluster_id: 'dev' })).value);
    expect(server?.detail).toBe(`accepts the token. ${note}`);
    expect(clock).toMatchObject({ status: 'ok', detail: 'agrees with the API server' });
  });
});

describe('A refused token', () => {
  it('is laid to the clock where the API server tells another time, and only there', async () => {
    const { session, ask } = await openAPIServer(world, (_, response) => {
      response.setHeader('date', new Date(Date.now() - 20 * 60_000).toUTCString());
      unauthorized(response);
      return true;
    });
    const remedy = 'Ask the operator to set the clock of this machine: tokens contain its time.';
    expect(await ask({})).toMatchObject({ code: 'TOKEN_REJECTED', remedy });
    const [, server, clock] = checksOf((await session.call('diagnose', { cluster_id: 'dev' })).value);
    expect(server).toMatchObject({ status: 'failed', remedy });
    expect(clock).toMatchObject({ status: 'warning', detail: expect.stringMatching(/^1[12]\d\d s ahead of the API/) });
  });
});

describe('What was not asked', () => {
  it('is noted: the namespace of a resource that has none, and arguments beside a path', async () => {
    const { ask } = await openAPIServer(world);
    expect((await ask({ resource: 'nodes', namespace: 'default' })).action.note).toMatch(/is not in a namespace/);
    expect((await ask({ resource: 'pods', namespace: 'default' })).action.note).toBeUndefined();
    expect((await ask({ resource: 'nodes' })).action.note).toBeUndefined();
    expect(await ask({ resource: '/healthz', namespace: 'default', name: 'x', verb: 'get' })).toMatchObject({
      note: 'Nothing was asked about namespace, name: a path has none of it.',
    });
  });

  it('has the group in the words of the model', async () => {
    const { ask } = await openAPIServer(world);
    expect((await ask({ resource: 'foo.example.com' })).action).toMatchObject({ group: 'example.com' });
  });
});

describe('An argument of another form', () => {
  it('is refused in words, for each text that a tool takes', async () => {
    await using session = await openTools({ env: world.env });
    const { tools } = await session.client.listTools();
    for (const { name, inputSchema } of tools) {
      for (const argument of Object.keys(inputSchema.properties ?? {})) {
        for (const wrong of [5, null, ['a'], ' ', 'a,\u0000b', 'x'.repeat(2_000_000)]) {
          const isText = typeof wrong === 'string' && wrong.length < 1000;
          if (isText && /^(kubeconfig|context)$/.test(argument)) continue;
          const { value } = await session.call(name, { cluster_id: 'x', [argument]: wrong });
          const what = `${name} ${argument} ${String(wrong).slice(0, 9)}`;
          expect(value.message, what).toMatch(
            new RegExp(`${argument}: (is not a text|is not accepted|has more than \\d+ characters): pass `),
          );
          expect(value.message, what).not.toMatch(/Invalid input|Invalid string|expected|pattern/);
        }
      }
    }
  });
});
