import { open, ticked, unknown, type Verdict } from './box.ts';
import type { ChecklistFacts } from './checklist-facts.ts';
import { type StorePlace, storePlace } from './store-place.ts';

/** A backup of the release lies in S3 or Git outside of the cluster, or a schedule saves there. */
export function storedOffCluster({ backups, store, schedules }: ChecklistFacts): Verdict {
  const held = store !== undefined && (backups ?? []).length > 0 ? [{ place: store, how: 'holds it' }] : [];
  const saved = (schedules ?? []).flatMap(({ store: own, saves, cronJob, lastSuccess }) =>
    own === undefined || saves !== 'yes' || lastSuccess === undefined
      ? []
      : [
          {
            place: storePlace(own.location, own.flags.get('s3-endpoint')),
            how: `cronjob/${cronJob} saves there`,
          },
        ],
  );
  const remote = [...held, ...saved].filter(({ place }) => place.kind === 's3' || place.kind === 'git');
  const outside = remote.find(({ place }) => place.cluster === 'outside');
  if (outside !== undefined) return ticked(`${outside.place.location}: ${outside.how}`);
  const unclear = remote.find(({ place }) => place.cluster === 'unknown');
  if (unclear !== undefined) {
    return unknown(
      `whether ${unclear.place.location} lies outside of this cluster, its address does not tell`,
    );
  }
  if (backups === undefined) return unknown('the store can’t be read');
  return open(
    remote[0] === undefined ? notRemote(store) : `${remote[0].place.location} lies in this cluster`,
  );
}

function notRemote(store: StorePlace | undefined): string {
  if (store === undefined) return 'there is no store';
  if (store.kind === 's3' || store.kind === 'git') return `${store.location} holds no complete backup of it`;
  return store.kind === 'claim' ? `${store.location} lies in this cluster` : `${store.location} is a folder`;
}
