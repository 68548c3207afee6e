// The documentation site of the API: `npm run docs` writes it to docs/api, and scripts/check-docs.mjs reads what came out.
import { readFileSync } from 'node:fs';

const { repository, version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const home = (repository?.url ?? repository)?.replace(/^git\+|\.git$/g, '');

/** Where each type of client-node that our signatures name is declared. */
const CLIENT_NODE = {
  attach: ['Attach'],
  cache: ['ObjectCache'],
  config: ['ApiConstructor', 'ApiType', 'KubeConfig'],
  cp: ['Cp'],
  exec: ['Exec'],
  health: ['Health'],
  informer: ['Informer'],
  log: ['Log'],
  metrics: ['Metrics'],
  portforward: ['PortForward'],
  types: ['KubernetesListObject', 'KubernetesObject'],
  watch: ['Watch'],
};
const clientNode = Object.entries(CLIENT_NODE).flatMap(([file, names]) =>
  names.map((name) => [name, `https://github.com/kubernetes-client/javascript/blob/main/src/${file}.ts`]),
);

const reference = 'https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects';
const web = 'https://developer.mozilla.org/docs/Web/API';
const telemetry = 'https://github.com/open-telemetry/opentelemetry-js/tree/main/api';

export default {
  $schema: 'https://typedoc.org/schema.json',
  name: 'ekspress',
  entryPoints: ['', 'mcp/', 'metrics/', 'testing/', 'valkey/'].map((door) => `src/${door}index.ts`),
  tsconfig: 'tsconfig.build.json',
  out: 'docs/api',
  readme: 'README.md',
  includeVersion: true,
  // What a program calls comes before the shapes of its options.
  groupOrder: ['Documents', 'Classes', 'Functions', 'Variables', 'Interfaces', 'Type Aliases', '*'],
  kindSortOrder: ['Document', 'Module', 'Class', 'Function', 'Variable', 'Interface', 'TypeAlias', 'Reference'],
  sort: ['kind', 'alphabetical'],
  projectDocuments: ['docs/guides/*.md', 'docs/metrics.md', 'docs/logging.md', 'docs/cache-format.md'],
  ...(home
    ? {
        navigationLinks: { Repository: home },
        gitRevision: `v${version}`,
        sourceLinkTemplate: `${home}/blob/{gitRevision}/{path}#L{line}`,
      }
    : { disableSources: true }),
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  externalSymbolLinkMappings: {
    typescript: {
      'Error.message': '#',
      AsyncDisposable: `${reference}/AsyncDisposableStack`,
      AsyncIterable: `https://developer.mozilla.org/docs/Web/JavaScript/Reference/Iteration_protocols`,
      Date: `${reference}/Date`,
      Disposable: `${reference}/DisposableStack`,
      Error: `${reference}/Error`,
      Promise: `${reference}/Promise`,
      Uint8Array: `${reference}/Uint8Array`,
    },
    '@types/node': {
      '__global.AbortSignal': `${web}/AbortSignal`,
      '__global.Response': `${web}/Response`,
      'Stream.Readable': 'https://nodejs.org/api/stream.html#readable-streams',
      'Stream.Writable': 'https://nodejs.org/api/stream.html#writable-streams',
    },
    '@kubernetes/client-node': Object.fromEntries(clientNode),
    '@modelcontextprotocol/server': { McpServer: 'https://github.com/modelcontextprotocol/typescript-sdk' },
    '@opentelemetry/api': { MeterProvider: telemetry, TracerProvider: telemetry },
  },
  intentionallyNotExported: ['Sentence'],
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: [
    'Class',
    'Interface',
    'TypeAlias',
    'Function',
    'Variable',
    'Method',
    'Property',
    'Accessor',
    'CallSignature',
    'Constructor',
  ],
  highlightLanguages: [
    ...[
      'hcl',
      'bash',
      'console',
      'css',
      'diff',
      'docker',
      'dockerfile',
      'html',
      'ini',
      'javascript',
      'json',
      'jsonc',
      'powershell',
    ],
    ...['sh', 'shellscript', 'text', 'tsx', 'typescript', 'yaml'],
  ],
  githubPages: false,
};
