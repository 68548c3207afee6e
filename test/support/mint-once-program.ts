import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { hostFrom } from '../../src/host.ts';
import { mintInProcess } from './mint-in-process.ts';

// A process of ours that makes one token: argv = environment as JSON, the time, arguments of `aws`.
const [env = '{}', time = '', ...args] = process.argv.slice(2);
const config = parseExecConfig({ command: 'aws', args }, { cliVersion: 'v1' });
const host = hostFrom({ env: JSON.parse(env), now: () => new Date(time) });
const outcome = await mintInProcess({ config, host }).catch((error: Error) => ({
  kind: `${error.message}`,
}));
console.log(outcome.kind);
