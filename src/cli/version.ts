import project from '../../package.json' with { type: 'json' };

/** Semantic version without "v". */
export const VERSION: string = project.version;

/** What `--version` and `version` print. */
export const VERSION_LINE = `memcached-backup ${VERSION}\n`;
