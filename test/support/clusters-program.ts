import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { TokenManager } from '../../src/aws/token/token-manager.ts';

// A service with several clusters: argv = environment as JSON, the profile, the clusters. Prints a line for each.
const [env = '{}', profile = '', ...clusters] = process.argv.slice(2);
const answers = clusters.map(async (cluster) => {
  const args = ['eks', 'get-token', '--cluster-name', cluster, '--profile', profile];
  const config = parseExecConfig({ command: 'aws', args }, { cliVersion: 'v2' });
  await new TokenManager(config, { env: JSON.parse(env), cache: false }).getValidToken();
  return 'token';
});
for (const answer of await Promise.allSettled(answers)) {
  console.log(answer.status === 'fulfilled' ? answer.value : String(answer.reason));
}
