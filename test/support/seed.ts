/**
 * The seed of tests that draw their cases: `EKSPRESS_SEED=$RANDOM npm test` draws new ones. By default always the same,
 * so that a build breaks because of its change and not by chance.
 */
export const SEED: number = Number(process.env.EKSPRESS_SEED ?? 20_261_122);
