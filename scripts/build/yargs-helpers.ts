/** What is used of "yargs/helpers", which for the rest of it loads all of yargs: its languages, its layout of help. */
export { default as Parser } from 'yargs-parser';
