import { median } from './processes.mjs';
import { entryPoint, openSandbox, words } from './sandbox.mjs';

const MINTS = 2_000;
const READS = 500_000;

/** The cost in a service: minting with static keys, and reading a token that is in memory. */
export async function inProcess() {
  const sandbox = openSandbox();
  try {
    const { TokenManager, parseExecConfig } = await import(entryPoint);
    const [command, ...args] = words;
    const manager = new TokenManager(parseExecConfig({ command, args }), { env: sandbox.env, cache: false });

    const mints = [];
    for (let index = 0; index < MINTS; index += 1) {
      const began = process.hrtime.bigint();
      await manager.refreshToken();
      mints.push(Number(process.hrtime.bigint() - began) / 1e6);
    }
    const { mint: made } = manager.status().counts;
    if (made < MINTS) throw new Error(`${MINTS} refreshes made ${made} mints`);
    const mint = median(mints.slice(MINTS / 4));

    await manager.getValidToken();
    const rates = [];
    for (let round = 0; round < 5; round += 1) {
      const began = process.hrtime.bigint();
      for (let index = 0; index < READS; index += 1) await manager.getValidToken();
      rates.push(READS / (Number(process.hrtime.bigint() - began) / 1e9));
    }
    return [
      { what: 'mint, static keys, p50', ms: mint, limit: '<= 0.1 ms' },
      { what: 'warm getValidToken()', perSecond: median(rates), limit: '>= 1,000,000/s' },
    ];
  } finally {
    sandbox.close();
  }
}
