import { afterAll } from 'vitest';

// Node tells of leaks, of old ways and of what a library has to say in warnings, on the stderr of whoever runs the
// program. None may come from what a test does.
const warnings: Error[] = [];
const heard = (warning: Error): void => {
  // Tests use the AWS SDK themselves. What it says of Node 20 through ekspress is read by sdk-warning.test.ts.
  if (!warning.message.startsWith('NodeVersionSupportWarning')) warnings.push(warning);
};
process.on('warning', heard);

afterAll(async () => {
  // Warnings are told a tick late.
  await new Promise((later) => setImmediate(later));
  process.off('warning', heard);
  if (warnings.length > 0) throw new AggregateError(warnings, `Node warns: ${warnings.map(String).join('\n')}`);
});
