/** Hidden, so that nothing takes it for a backup: ".restore-20261122T101500Z.jsonl". */
const NAME = /^\.restore-(\d{8}T\d{6}Z(?:-\d+)?)\.jsonl$/;

/** The file of a restore's journal. @param id of the backup of the state before it. */
export function journalName(id: string): string {
  return `.restore-${id}.jsonl`;
}

/** @returns undefined of what is no journal's name. */
export function idOfJournal(name: string): string | undefined {
  return NAME.exec(name)?.[1];
}
