/** What -o takes; "table" is what a command prints without it. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';
