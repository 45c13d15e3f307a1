/** The last line of a dry run, on standard error, whatever the command. */
export const DRY_RUN_ENDED = 'Dry run: nothing was written';
