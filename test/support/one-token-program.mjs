// One process of a fleet: gets one token and prints how. argv: cluster, region, profile.
import { parseExecConfig, TokenManager } from '../../dist/index.js';

const [clusterName, region, profile] = process.argv.slice(2);
const args = ['eks', 'get-token', '--cluster-name', clusterName, '--region', region, '--profile', profile];
const manager = new TokenManager(parseExecConfig({ command: 'aws', args }));
const { token } = await manager.getValidToken();
process.stdout.write(JSON.stringify({ token, source: manager.status().source }));
