/**
 * The URL of a file of this package. Empty in a bundle of a service, where the package's folder is not known: the build
 * takes this file out of the library, and package.json's `#own-url` leads bundlers to another one.
 */
export const OWN_URL: string = import.meta.url;
