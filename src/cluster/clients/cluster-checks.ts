import { type Check, that } from '../../options/checks.ts';

export const API_CLASS: Check = that(
  'a class of client-node, such as CoreV1Api',
  (value) => typeof value === 'function',
);

export const API_PATH: Check = that(
  "a path that begins with a slash, such as '/api/v1/namespaces/default/pods'",
  (value) => /^\//.test(String(value)),
);
