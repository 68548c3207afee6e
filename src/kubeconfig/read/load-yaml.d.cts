/** Loads the package `yaml` when it is first needed: most processes never need it. */
declare function loadYAML(): typeof import('yaml');
export = loadYAML;
