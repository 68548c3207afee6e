import { describe, expect, it } from 'vitest';
import { refusedWrite } from '../../../src/text/refused-write.ts';

const told = (code: string) => refusedWrite(Object.assign(new Error(code), { code }), '/home/a/.kube/ekspress');

describe('the remedy for a file that the system does not let be written', () => {
  it.each([
    ['EACCES', 'permission denied', /^Give this user the right to write there: `.+` shows who has it\.$/],
    ['EPERM', 'the system does not permit it', /^See `.+`\.$/],
    ['EROFS', 'the file system is read-only', /^Mount the file system of \S+ so that it can be written to\.$/],
    ['ENOSPC', 'the disk is full', /^Free some space on the disk of /],
    ['EDQUOT', 'the quota is used up', /quota\.$/],
    ['EEXIST', 'something else has this name', /^Move away what is in the place of /],
    ['ENOTDIR', 'a part of the path is not a folder', /^Move away what is in the place of /],
    ['ENOENT', 'its folder does not exist', /^Make the folder \/home\/a\/\.kube\.$/],
    ['EIO', 'EIO', /^See `.+`\.$/],
  ])('fits the error %s', (code, reason, remedy) => {
    expect(told(code)).toEqual({ reason, remedy: expect.stringMatching(remedy) });
    if (!['ENOSPC', 'EDQUOT'].includes(code)) expect(told(code).remedy).not.toMatch(/space|quota/);
  });

  it('names another place where there can be one', () => {
    const { remedy } = refusedWrite({ code: 'ENOSPC' }, '/a/config', 'name another file with --kubeconfig');
    expect(remedy).toBe('Free some space on the disk of /a/config, or name another file with --kubeconfig.');
  });
});
