// A Node plugin that keeps tokens in files: reads a token and prints it if it is valid. usage: print.mjs FILE
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
if (Date.parse(JSON.parse(text).status.expirationTimestamp) - Date.now() < 60_000) process.exit(1);
process.stdout.write(text);
