'use strict';
// Node loads `yaml` when this function is called, synchronously. Bundlers see the call and put `yaml` into the bundle.
// `createRequire(import.meta.url)` is invisible to them, and `import.meta.url` does not exist in a CommonJS bundle.
module.exports = () => require('yaml');
