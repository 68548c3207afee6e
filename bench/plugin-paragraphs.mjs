// The paragraphs of the READMEs about a recorded run, in each language.
import { shown } from './plugin-chart.mjs';

const BEGIN = '<!-- figures of `npm run bench:figures` -->';
const END = '<!-- end of figures -->';

const TEXTS = {
  'README.md': ({ alt, hit, shell, bash, node, aws, over, saved }) =>
    `![${alt}](docs/figures/plugin.svg)

A hit takes ${hit}, which is ${shell} x \`sh -c :\`. A bash + jq script takes ${bash} times as long, a Node script ${node} times,
\`aws eks get-token\` ${aws} times. \`kubectl get ns\` takes ${over} longer than with a static token, and ${saved} less than with \`aws\`.`,
  'README.ko.md': ({ alt, hit, shell, bash, node, aws, over, saved }) =>
    `![${alt}](docs/figures/plugin.svg)

캐시 적중에는 ${hit}, \`sh -c :\`의 ${shell}배가 걸립니다. bash + jq 스크립트에는 그 ${bash}배, Node 스크립트에는 ${node}배,
\`aws eks get-token\`에는 ${aws}배의 시간이 걸립니다. \`kubectl get ns\`는 고정 토큰보다 ${over} 느리고, \`aws\`보다 ${saved} 빠릅니다.`,
  'README.zh.md': ({ alt, hit, shell, bash, node, aws, over, saved }) =>
    `![${alt}](docs/figures/plugin.svg)

命中缓存需要 ${hit}，是 \`sh -c :\` 的 ${shell} 倍。bash + jq 脚本的耗时是它的 ${bash} 倍，Node 脚本是 ${node} 倍，
\`aws eks get-token\` 是 ${aws} 倍。\`kubectl get ns\` 比使用静态令牌慢 ${over}，比使用 \`aws\` 快 ${saved}。`,
};

const ALTS = {
  'README.md': 'How long kubectl waits for a token: a hit of ekspress-exec next to its rivals',
  'README.ko.md': 'kubectl이 토큰을 기다리는 시간: ekspress-exec의 캐시 적중과 다른 방법들',
  'README.zh.md': 'kubectl 等待令牌的时间：ekspress-exec 命中缓存与其他方式的比较',
};

/** Replaces the paragraphs about the figures in a page. */
export function writeParagraphs(page, text, { figures }) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for figures: ${BEGIN} … ${END}`);
  const times = (id) => Math.round(figures[id].ms / figures.hit.ms).toLocaleString('en-US');
  const paragraphs = TEXTS[page]({
    alt: ALTS[page],
    hit: shown(figures.hit.ms),
    shell: (figures.hit.ms / figures.sh.ms).toFixed(1),
    bash: times('bash-jq'),
    node: times('node'),
    aws: times('aws'),
    over: shown(figures['kubectl-hit'].over),
    saved: shown(figures['kubectl-aws'].ms - figures['kubectl-hit'].ms),
  });
  return `${text.slice(0, from)}${BEGIN}\n\n${paragraphs}\n\n${text.slice(to)}`;
}
