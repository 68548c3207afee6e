export const PLAIN: readonly string[] = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
export const WITHOUT_REGION: readonly string[] = ['aws', 'eks', 'get-token', '--cluster-name', 'dev'];
export const ROLE = 'arn:aws:iam::111122223333:role/admin';
export const OTHER_BOOT = '11111111-2222-3333-4444-555555555555';

// Why not, in the words of both readers.
export const FORMAT = 'not an entry of this format';
export const IDENTITY = 'another identity';
export const CHANGED = 'a source has changed';
export const ABSENT = 'no entry';
export const NOT_OURS = 'not a file of ours';
export const OTHER_HOST = 'made on another host';
export const TOO_OLD = 'too old';
/** Of Node, where the words of the question are no command that it could read. */
export const UNREADABLE = 'unreadable words';
/** Of the script. */
export const ARGUMENT = 'an argument for Node';
