/** "Helm revision 1", "Helm revisions 1, 2": as plans and reports call them. */
export function nameRevisions(revisions: readonly number[]): string {
  return `Helm revision${revisions.length === 1 ? '' : 's'} ${revisions.join(', ')}`;
}
