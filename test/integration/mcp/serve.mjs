// node serve.mjs OPTIONS-AS-JSON: the server as a program, from what was built.
import { startMCPServer } from '../../../dist/mcp/index.js';

const say = (level) => (message, details) => process.stderr.write(`${level} ${message} ${JSON.stringify(details)}\n`);
const logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
await startMCPServer({ ...JSON.parse(process.argv[2] ?? '{}'), logger }).closed;
