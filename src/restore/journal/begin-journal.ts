import { collected } from '../../backup/collect.ts';
import type { EarlyAnswers } from '../../backup/early-answers.ts';
import { saveBackup, type TakeOptions, takeBackup } from '../../backup/take-backup.ts';
import type { LiveRelease } from '../../kube/read-release.ts';
import type { Plan } from '../../model/plan/plan.ts';
import { sealedTo } from '../../store/format/sealed-backup.ts';
import type { JournalWriter, SavedBackup } from '../../store/store.ts';
import type { RestoreSession } from '../restore-session.ts';
import type { CreatedNamespace } from './create-journaled-namespace.ts';
import { noteEnd } from './note-end.ts';
import { findUnfinished, startJournal } from './start-journal.ts';

/** What a restore begins with. */
interface Beginning {
  plan: Plan;
  live: LiveRelease;
  createdNamespace: CreatedNamespace | undefined;
  /** The release as it was read under the Lease, and its pods as they were asked then; read anew where absent. */
  present: { live: LiveRelease; early: EarlyAnswers } | undefined;
}

/** Saves the state before and starts the journal, or takes up the journal of a restore that was cut off. */
export async function beginJournal(
  session: RestoreSession,
  { plan, live, createdNamespace, present }: Beginning,
): Promise<{ journal: JournalWriter; id: string; safety: SavedBackup | undefined }> {
  const { undoStore, address, context } = session;
  const unfinished =
    createdNamespace === undefined ? await findUnfinished(undoStore, address, live, context) : undefined;
  if (unfinished !== undefined) {
    context.io.say(
      `A restore that was cut off (${unfinished.start.at}) is taken up; undo leads back to before it.`,
    );
  }
  const exists = live.history.length + live.classified.length > 0;
  const safety = unfinished === undefined ? await saveBefore(session, exists, present) : undefined;
  const started = await startJournal(
    undoStore,
    { operation: 'restore', address, plan, live, safety, createdNamespace: createdNamespace?.uid },
    unfinished,
    context,
  );
  if (createdNamespace !== undefined) {
    await noteEnd(createdNamespace.journal, `continued by ${started.id}`, context);
  }
  return { ...started, safety };
}

/** The state before, as a safety backup. Only what a person had could be lost: without a release, nothing. */
async function saveBefore(
  { kube, identity, undoStore, address, context }: RestoreSession,
  exists: boolean,
  present: Beginning['present'],
): Promise<SavedBackup | undefined> {
  if (!exists) return undefined;
  const options: TakeOptions = {
    namespace: address.namespace,
    release: address.release,
    kind: 'safety',
    startedAt: context.now(),
    clusterName: address.cluster,
  };
  const safety = await undoStore.save('safety backup', (store) => {
    if (present === undefined) return takeBackup(kube, store, options, context);
    const { live, early } = present;
    return saveBackup({ kube, store, early }, collected(live, identity), options, context);
  });
  const { id, sealed } = safety.document;
  const how = sealed === undefined ? '' : `, ${sealedTo(sealed)}`;
  context.io.say(`Saved the present state first: ${address.release}@${id}${how}`);
  return safety;
}
