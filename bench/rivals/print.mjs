// A plugin in Node that keeps its tokens in files: reads one and prints it while it lives. usage: print.mjs FILE
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
if (Date.parse(JSON.parse(text).status.expirationTimestamp) - Date.now() < 60_000) process.exit(1);
process.stdout.write(text);
