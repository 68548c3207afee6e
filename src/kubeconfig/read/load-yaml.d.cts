/** Loads the package `yaml`, where it is needed and not before: most processes never need it. */
declare function loadYAML(): typeof import('yaml');
export = loadYAML;
