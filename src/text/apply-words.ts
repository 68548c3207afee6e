// The commands of the manager that a person types on this system. test/unit/architecture/one-door.test.ts finds them anywhere else.

/** Lets chosen contexts use ekspress. */
export const APPLY: string = process.platform === 'win32' ? 'ekspress apply --preview' : 'ekspress apply';

/** The same for every context. */
export const APPLY_ALL: string =
  process.platform === 'win32' ? 'ekspress apply --all --preview' : 'ekspress apply --all';

/** A form for sh, which Windows does not have. */
export const APPLY_PORTABLE = 'ekspress apply --all --portable';

/** Writes contexts for the clusters of accounts. */
export const WRITE_CONTEXTS: string =
  process.platform === 'win32' ? 'ekspress kubeconfig --preview' : 'ekspress kubeconfig';

/** What renews an outdated plugin. */
export const RENEW: string = process.platform === 'win32' ? 'ekspress warm' : 'ekspress apply --all';
