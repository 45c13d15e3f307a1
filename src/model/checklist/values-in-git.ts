import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';
import { storePlace } from './store-place.ts';

/** A backup with Helm's record, which holds the values, lies in a Git store. */
export function valuesInGit({ isHelm, backups, store, schedules }: ChecklistFacts): Verdict {
  if (!isHelm) return unknown('Helm does not know it: there are no values');
  if (store?.kind === 'git') {
    if (backups === undefined) return unknown('the store can’t be read');
    const holding = backups.find(({ holdsValues }) => holdsValues);
    return holding === undefined
      ? open(`${store.location} holds no complete backup of it`)
      : ticked(`in ${store.location}, backup ${holding.id}`);
  }
  const elsewhere = (schedules ?? []).find(
    (each) => each.store && storePlace(each.store.location).kind === 'git',
  );
  if (elsewhere !== undefined) {
    return unknown(
      `cronjob/${elsewhere.cronJob} saves to ${elsewhere.store!.location}, which was not looked into`,
    );
  }
  return open('the store in use is no Git repository');
}
