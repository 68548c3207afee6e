// Who refreshes, in a fleet? Hours of many machines in seconds: the windows, ticks and margins are those of ekspress, and all
// machines need all tokens. `affinity`: a machine that would have to call AWS looks again later, as long as the token lives
// long enough, so that one that can sign makes the next token. ekspress does that; the second run shows what it saves.

/** `EKSPRESS_SIMULATION=50,1000,200 npm run bench -- fleet-simulation`: machines, clusters and roles. */
const [MACHINES = 50, CLUSTERS = 1_000, ROLES = 200] = (process.env.EKSPRESS_SIMULATION ?? '')
  .split(',')
  .filter(Boolean)
  .map(Number);
/** All times in seconds. */
const HOUR = 3_600;
const [WARM_UP, MEASURED] = [HOUR, 3 * HOUR];
const TICK = 5;
/** The life that clients are told, and when before its end a token is refreshed. */
const LIFE = 840;
const WINDOW = { from: 180, to: 420 };
/** Role credentials live an hour and are shared until 15 minutes before their end. */
const ROLE_LIFE = 2_700;
/** What affinity waits for, and until how much life is left. */
const LATER = { from: 20, to: 60, left: 200 };

const VARIANTS = [
  { what: 'no sharing', shared: false, affinity: false },
  { what: 'shared, no affinity', shared: true, affinity: false },
  { what: 'shared tokens', shared: true, affinity: true },
];

export async function fleetSimulation() {
  return VARIANTS.map(({ what, ...variant }) => {
    const { mints, assumed, questions, least } = simulate(variant);
    const hours = MEASURED / HOUR;
    const perHour = (count, of) => (count / of / hours).toFixed(1);
    const note = `an hour: ${perHour(mints, CLUSTERS)} mints of an identity, ${perHour(assumed, ROLES)} AssumeRole of a role; ${(questions / MEASURED).toFixed(0)} GET/s; at least ${Math.round(least)} s of life left`;
    return { what: `${MACHINES} x ${CLUSTERS} x ${ROLES} ${what}`, note };
  });
}

function simulate({ shared, affinity }) {
  const random = randomNumbers(1);
  const between = ({ from, to }) => from + random() * (to - from);
  const pairs = MACHINES * CLUSTERS;
  const heldSince = new Float64Array(pairs).fill(Number.NEGATIVE_INFINITY);
  const storedSince = new Float64Array(CLUSTERS).fill(Number.NEGATIVE_INFINITY);
  const roleUntil = new Float64Array(MACHINES * ROLES).fill(Number.NEGATIVE_INFINITY);
  const end = WARM_UP + MEASURED;
  const ticks = Array.from({ length: Math.ceil(end / TICK) + 1 }, () => []);
  const seen = { mints: 0, assumed: 0, questions: 0, least: LIFE };
  const planAt = (time, pair, now) => {
    // The next tick of that machine at which the token is due.
    const tick = Math.max(Math.ceil(time / TICK), Math.floor(now / TICK) + 1);
    ticks[tick]?.push(pair);
  };
  for (let pair = 0; pair < pairs; pair += 1) planAt(random() * 600, pair, 0);
  for (let tick = 0; tick < ticks.length; tick += 1) {
    const now = tick * TICK;
    const counts = now >= WARM_UP ? seen : { mints: 0, assumed: 0, questions: 0, least: LIFE };
    for (const pair of ticks[tick]) {
      const machine = Math.floor(pair / CLUSTERS);
      const cluster = pair % CLUSTERS;
      const role = machine * ROLES + (cluster % ROLES);
      const left = heldSince[pair] + LIFE - now;
      if (shared) counts.questions += 1;
      let since = shared ? storedSince[cluster] : Number.NEGATIVE_INFINITY;
      if (since <= heldSince[pair] || since + LIFE - now < 60) {
        if (affinity && roleUntil[role] < now && left > LATER.left) {
          planAt(now + between(LATER), pair, now);
          continue;
        }
        if (roleUntil[role] < now) {
          roleUntil[role] = now + ROLE_LIFE;
          counts.assumed += 1;
        }
        since = now;
        storedSince[cluster] = now;
        counts.mints += 1;
      }
      if (left > 0) counts.least = Math.min(counts.least, left);
      heldSince[pair] = since;
      planAt(since + LIFE - between(WINDOW), pair, now);
    }
    ticks[tick] = [];
  }
  return seen;
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
