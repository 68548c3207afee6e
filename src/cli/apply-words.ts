/** What a person types to let contexts use ekspress on this system. */
export const APPLY: string = process.platform === 'win32' ? 'ekspress apply --preview' : 'ekspress apply';

/** The same for every context. */
export const APPLY_ALL: string =
  process.platform === 'win32' ? 'ekspress apply --all --preview' : 'ekspress apply --all';

/** What renews an outdated plugin. */
export const RENEW: string = process.platform === 'win32' ? 'ekspress warm' : 'ekspress apply --all';
