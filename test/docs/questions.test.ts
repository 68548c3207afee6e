import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage } from '../support/pages.ts';

/** Words that the answer to each question has to contain, on the README or on the page one click away. */
const ANSWERS: readonly [question: RegExp, words: readonly RegExp[]][] = [
  [/replace/, [/original command stands behind ours/]],
  [/safe/, [/never show a\s+token/, /readable by you only/]],
  [/write, and where/, [/~\/\.kube\/ekspress\/backups/, /eks-tokens/, /~\/\.aws\/sso\/cache/]],
  [/undo/, [/ekspress revert --all/, /npm uninstall/, /rm -rf ~\/\.kube\/ekspress/]],
  [/SSO/, [/aws sso login/, /mfa/i, /saml2aws login/, /aws-vault/]],
  [/k9s/, [/k9s/, /Lens/, /helm/i, /Terraform/]],
  [/CI/, [/FROM node/, /USER node/]],
  [/Windows/, [/macOS/, /Windows/, /unproven/]],
  [/fast/, [/aws eks get-token/, /median/]],
  [/fails/, [/SESSION_EXPIRED/, /TOKEN_REJECTED/, /NETWORK/]],
  [/another cache/, [/aws-vault/, /Granted/, /aws-iam-authenticator/, /client-node/]],
];

const section = /^## The first questions\n([\s\S]*?)^## /m.exec(readPage('README.md'))?.[1] ?? '';
const items = section.split(/^- /m).slice(1);

describe('the first questions of the README', () => {
  it('are these, in this order', () => {
    expect(items.map((item) => ANSWERS.findIndex(([question]) => question.test(item.split('**')[1] ?? '')))).toEqual(
      ANSWERS.map((_, index) => index),
    );
  });

  it.each(ANSWERS)('are answered there or one click away: %s', (question, words) => {
    const item = items.find((one) => question.test(one.split('**')[1] ?? '')) ?? '';
    const pages = [...item.matchAll(/\]\(([^)#]*)/g)].map(([, page = '']) => page);
    expect(pages.filter((page) => !existsSync(page))).toEqual([]);
    const texts = [readPage('README.md'), ...pages.map(readPage)].join('\n');
    expect(words.filter((word) => !word.test(texts))).toEqual([]);
  });
});
