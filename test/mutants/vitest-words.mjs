// The tests of a mutant, as arguments of vitest.

export const unit = (...files) => ['--project', 'unit', ...files];
export const integration = (...files) => ['--project', 'integration', ...files];
export const faults = (...files) => ['--project', 'faults', ...files];
/** One kind of attack. */
export const attacks = (kind) => faults('test/faults/attacks.test.ts', '-t', kind);
