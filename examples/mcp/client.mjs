// @ts-check
// Calls the tools of server.mjs as an agent does.
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const server = fileURLToPath(new URL('server.mjs', import.meta.url));
const env = /** @type {Record<string, string>} */ ({ ...process.env });
const client = new Client({ name: 'example', version: '1.0.0' });
await client.connect(new StdioClientTransport({ command: process.execPath, args: [server], env }));

/** @param {string} name @param {Record<string, unknown>} [input] */
const call = async (name, input = {}) => {
  const { structuredContent, content } = await client.callTool({ name, arguments: input });
  return /** @type {any} */ (structuredContent ?? content);
};

const { tools } = await client.listTools();
console.log(`tools: ${tools.map(({ name }) => name).join(', ')}`);
const { clusters } = await call('list_eks_clusters');
for (const { cluster_id } of clusters) {
  const { username, action } = await call('check_access', { cluster_id, verb: 'list', resource: 'pods' });
  const { pods } = await call('count_pods', { cluster_id, namespace: 'default' });
  console.log(`${cluster_id}: ${username}, may list pods: ${action.allowed}, pods in default: ${pods}`);
}
await client.close();
