import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from 'ekspress/testing';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodeBlock, programs } from '../support/pages.ts';

/** What the blocks may import, by the names that a reader writes. */
const MODULES: Readonly<Record<string, () => Promise<object>>> = {
  ekspress: () => import('ekspress'),
  'ekspress/mcp': () => import('ekspress/mcp'),
  'ekspress/metrics': () => import('ekspress/metrics'),
  'ekspress/valkey': () => import('ekspress/valkey'),
  'ekspress/testing': () => import('ekspress/testing'),
  '@kubernetes/client-node': () => import('@kubernetes/client-node'),
  '@modelcontextprotocol/server': () => import('@modelcontextprotocol/server'),
  '@modelcontextprotocol/server/stdio': () => import('@modelcontextprotocol/server/stdio'),
  '@opentelemetry/exporter-prometheus': () => import('@opentelemetry/exporter-prometheus'),
  '@opentelemetry/sdk-metrics': () => import('@opentelemetry/sdk-metrics'),
  // The server of the page does not exist: the client does not look for it.
  ioredis: async () => {
    const { Redis } = await import('ioredis');
    return {
      Redis: class extends Redis {
        constructor(url: string, options: object) {
          super(url, { ...options, lazyConnect: true });
        }
      },
    };
  },
  // The programs of the pages are not on every machine.
  'node:child_process': async () => ({
    execFile(
      _file: string,
      _args: string[],
      { env }: { env: NodeJS.ProcessEnv },
      done: (...answer: unknown[]) => void,
    ) {
      const isThere = existsSync(env.KUBECONFIG ?? '');
      done(isThere ? null : new Error('KUBECONFIG names no file.'), { stdout: 'its output', stderr: '' });
    },
  }),
  'node:http': async () => ({
    createServer(listener: RequestListener) {
      const server = createServer(listener);
      const { listen } = server;
      // The port of the page may be in use.
      server.listen = () => listen.call(server, { port: 0, host: '127.0.0.1' });
      servers.push(server);
      return server;
    },
  }),
  'node:util': () => import('node:util'),
  'node:fs/promises': () => import('node:fs/promises'),
  'node:https': () => import('node:https'),
  'node:os': () => import('node:os'),
  'node:path': () => import('node:path'),
  'node:stream': () => import('node:stream'),
  'node:timers/promises': () => import('node:timers/promises'),
};

/** The servers of a block, and what it does on SIGTERM. */
const servers: Server[] = [];
const endings: (() => Promise<void>)[] = [];

/** Asks the servers of a block for what the pages say that they serve, and then ends them as SIGTERM does. */
async function serveAndEnd(): Promise<void> {
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answers = ['/', '/metrics'].map((path) => fetch(`http://127.0.0.1:${port}${path}`));
    const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
    expect(texts.join('')).toMatch(/ekspress_clusters|\d+ namespaces/);
  }
  for (const end of endings.splice(0)) await end();
  for (const server of servers.splice(0)) expect(server.listening).toBe(false);
}

/** The clusters that the pages speak of, with endpoints as AWS gives them. */
const ENDPOINTS = {
  dev: 'https://ABC.gr7.us-east-1.eks.amazonaws.com',
  prod: 'https://DEF.gr7.us-east-1.eks.amazonaws.com',
};

let aws: LocalAWS;
let clusters: Record<keyof typeof ENDPOINTS, LocalEKS>;

beforeAll(async () => {
  // The first import of client-node takes seconds, which are not those of the first block.
  await import('@kubernetes/client-node');
  aws = await startLocalAWS();
  clusters = {
    dev: await startLocalEKS({ aws, clusterName: 'dev' }),
    prod: await startLocalEKS({ aws, clusterName: 'prod' }),
  };
  process.env.AWS_ENDPOINT_URL_EKS = aws.endpoint;
  const home = process.env.HOME ?? '';
  await clusters.dev.writeAWSFiles(home, { region: 'us-east-1' });
  const { accessKeyId, secretAccessKey } = clusters.dev.identities.admin;
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  await writeFile(join(home, '.aws', 'credentials'), `[default]\n${keys}\n[acme]\n${keys}`);
  await mkdir(join(home, '.kube'));
  await writeFile(join(home, '.kube', 'config'), clusters.dev.kubeconfig());
  await writeFile(join(home, '.kube', 'prod'), clusters.prod.kubeconfig({ profile: 'acme' }));
}, 120_000);
afterAll(async () => {
  await Promise.all([...Object.values(clusters), aws].map((one) => one.close()));
});

/** TypeScript of a page as the body of an async function. */
function bodyOf({ text }: CodeBlock): string {
  const module = ts.ModuleKind.ESNext;
  const { outputText } = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module } });
  return outputText
    .replaceAll(
      /^import \{([^}]*)\} from '([^']+)';$/gm,
      (_, names: string, from: string) => `const {${names.replaceAll(' as ', ': ')}} = await load('${from}');`,
    )
    .replaceAll(/^export (?=const|function|class|async)/gm, '')
    .replaceAll(/^export \{\s*\};$/gm, '')
    .replaceAll(ENDPOINTS.dev, clusters.dev.server)
    .replaceAll(ENDPOINTS.prod, clusters.prod.server)
    .replaceAll('LS0tLS1CRUdJTi…', clusters.prod.certificateAuthorityData)
    .replaceAll('dev.kubeconfig', join(process.env.HOME ?? '', '.kube', 'config'))
    .replaceAll('prod.kubeconfig', join(process.env.HOME ?? '', '.kube', 'prod'));
}

async function load(name: string): Promise<object> {
  const module = MODULES[name];
  if (module === undefined) throw new Error(`The pages do not import ${name}.`);
  return module();
}

/** Runs a block and gives what it has printed, or the code that it failed with. */
async function run(block: CodeBlock): Promise<string> {
  const printed: string[] = [];
  const note = (...values: unknown[]) => printed.push(values.map(String).join(' '));
  const console = { log: note, info: note, warn: note, error: note, debug: note };
  const AsyncFunction = (async () => undefined).constructor as new (
    ...words: string[]
  ) => (...values: unknown[]) => Promise<void>;
  const own = Object.create(process, {
    once: { value: (_signal: string, end: () => Promise<void>) => void endings.push(end) },
  }) as NodeJS.Process;
  await new AsyncFunction('load', 'console', 'process', bodyOf(block))(load, console, own);
  await serveAndEnd();
  return printed.join('\n');
}

describe('the TypeScript in the documentation', () => {
  it.each(programs())('runs: $name', { timeout: 60_000 }, async (block) => {
    const environment = { ...process.env };
    try {
      const [, code] = /^throws (\w+)$/.exec(block.note) ?? [];
      const outcome = await run(block).catch((error: unknown) => {
        if (code === undefined) throw error;
        return error;
      });
      if (code !== undefined) expect(outcome).toMatchObject({ code });
      else expect(outcome).not.toContain('k8s-aws-v1.');
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
      Object.assign(process.env, environment);
    }
  });
});
