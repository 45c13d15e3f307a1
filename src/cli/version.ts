import project from '../../package.json' with { type: 'json' };

/** Semantic version without "v". */
export const VERSION: string = project.version;
