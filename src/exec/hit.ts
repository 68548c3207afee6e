import { EXIT_FAILED_FOR_NOW } from '../cache/rules.ts';
import { answerFromCache } from './from-cache.ts';

// The Node part of the exec plugin begins here. It answers from the cache where the script could not decide: a blank in HOME,
// a file with a given date, a margin in minutes, an encrypted entry. Nothing else of the package is loaded then. It is built as
// one CommonJS file, which Node starts sooner than a module, and so is main.ts, which it loads for everything else.

const miss = answerFromCache(process.argv.slice(2), process.env);
if (miss !== undefined) {
  Object.assign(process.env, miss.message);
  void import('./main.ts')
    .then(({ ended }) => ended)
    .then((status) => {
      if (miss.serveAgain === undefined || status !== EXIT_FAILED_FOR_NOW) return;
      miss.serveAgain();
      process.exitCode = 0;
    });
}
