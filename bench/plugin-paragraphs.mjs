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

캐시 적중은 ${hit}입니다. \`sh -c :\`의 ${shell}배이며, bash + jq 스크립트보다 ${bash}배, Node 스크립트보다 ${node}배,
\`aws eks get-token\`보다 ${aws}배 빠릅니다. \`kubectl get ns\`는 고정 토큰보다 ${over} 느리고, \`aws\`보다 ${saved} 빠릅니다.`,
  'README.zh.md': ({ alt, hit, shell, bash, node, aws, over, saved }) =>
    `![${alt}](docs/figures/plugin.svg)

命中缓存需要 ${hit}：是 \`sh -c :\` 的 ${shell} 倍，比 bash + jq 脚本快 ${bash} 倍，比 Node 脚本快 ${node} 倍，
比 \`aws eks get-token\` 快 ${aws} 倍。\`kubectl get ns\` 比使用静态令牌慢 ${over}，比使用 \`aws\` 快 ${saved}。`,
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
