import { whyUnhealthy } from '../../model/records/backup-health.ts';
import { timeOfId } from '../../model/records/backup-id.ts';
import type { BackupSelector } from '../../model/records/backup-selector.ts';
import { localTime, momentOf, type SaidMoment } from '../../model/records/moment.ts';
import type { ListedBackup } from '../store.ts';

/**
 * What a selector was taken to mean, where it takes a look to know: a moment in whose time zone, the newest healthy one,
 * the beginning of an id, a bound. Undefined where it says which backup by itself.
 * @param passedOver newer ones that may be `latest`, the newest first.
 */
export function chosenInWords(
  { release, id }: BackupSelector,
  { address }: ListedBackup,
  {
    now,
    before,
    passedOver = [],
  }: { now: Date; before?: SaidMoment | undefined; passedOver?: readonly ListedBackup[] },
): string | undefined {
  const name = `${release}@${address.id}`;
  const taken = `taken ${localTime(timeOfId(address.id))}`;
  const bound = before === undefined ? '' : ` before ${localTime(before.from)}`;
  if (id === 'healthy') {
    const [newer] = passedOver;
    const why = newer?.summary === undefined ? undefined : whyUnhealthy(newer.summary)[0];
    const but = newer === undefined ? '' : `; of the newer ${newer.address.id}: ${why ?? 'nothing is known'}`;
    return `${release}@healthy is ${name}, ${taken}, the newest${bound} at which the release was up${but}`;
  }
  const moment = momentOf(id, now);
  if (moment !== undefined) {
    return `${release}@${id} is ${name}, ${taken}: the newest that there was at ${localTime(moment.until)}`;
  }
  if (before !== undefined) return `${name}, ${taken}, is the newest${bound}`;
  if (id === 'latest' || id === 'previous' || id === address.id) return undefined;
  return `${release}@${id} is ${name}, ${taken}`;
}
