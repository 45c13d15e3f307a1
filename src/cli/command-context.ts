import type { KubeClient } from '../kube/client.ts';
import type { ConnectionFlags } from '../kube/connection-flags.ts';
import type { IO } from '../output/io.ts';
import type { CommandContext } from '../session/context.ts';
import type { Ending } from '../session/ending.ts';
import type { FoundStore } from '../session/find-scheduled-store.ts';
import type { LastWords } from '../session/last-words.ts';
import type { FoundDefault } from '../store/default-store.ts';
import type { GitAccess } from '../store/git/git-access.ts';
import type { PvcAccess } from '../store/pvc/pvc-access.ts';
import type { S3Access } from '../store/s3/s3-access.ts';
import type { KeySources, Keys } from '../store/seal/keys.ts';
import type { SignatureSources, Signatures } from '../store/sign/signatures.ts';
import type { JournalStore, Store } from '../store/store.ts';
import type { NamedStore } from './common-flags.ts';
import { spellingOf } from './spelling.ts';
import { VERSION } from './version.ts';

export interface ContextOptions {
  io: IO;
  connection: ConnectionFlags;
  store: NamedStore;
  /** Neither -A nor the like: a schedule of the namespace may tell the store. */
  isOfOneNamespace: boolean;
  keys: KeySources;
  /** How a store in S3 is reached. */
  s3: S3Access;
  /** How one in Git is used. */
  git: GitAccess;
  /** The image of the pod that reaches one on a claim. */
  helper: Pick<PvcAccess, 'image' | 'imageFlags'>;
  signatures: SignatureSources;
  signal: AbortSignal;
  lastWords: LastWords;
  ending: Ending;
  env: NodeJS.ProcessEnv;
}

/**
 * A command's context, and what to end after it. Cluster and store are loaded and opened on first use. `close` never throws:
 * what could not be ended is said.
 */
export function createCommandContext(options: ContextOptions): {
  context: CommandContext;
  close(): Promise<void>;
} {
  const { io, connection, store, s3, git, keys: sources, signal, lastWords, ending, env } = options;
  let client: Promise<KubeClient> | undefined;
  let opened: Promise<Store> | undefined;
  let keys: Promise<Keys> | undefined;
  let named: Promise<Signatures> | undefined;
  let close = (): void => {};
  const endings: (() => Promise<void>)[] = [];

  const openKeys = (): Promise<Keys> => {
    keys ??= import('../store/seal/keys.ts').then(({ Keys }) => new Keys(sources));
    return keys;
  };

  const connect = async (): Promise<KubeClient> => {
    const { connectKube } = await import('../kube/connect.ts');
    const kube = await connectKube(connection, {
      env,
      onWarning: (text) => io.warn(text),
      signal,
      userAgent: `memcached-backup/${VERSION}`,
    });
    close = () => kube.close();
    return kube;
  };
  const connected = (): Promise<KubeClient> => (client ??= connect());
  const pvc: PvcAccess = { ...options.helper, kube: connected, atEnd: (end) => void endings.push(end) };
  const openSignatures = (): Promise<Signatures> => {
    named ??= import('../store/sign/signatures.ts').then(
      ({ Signatures }) => new Signatures(options.signatures),
    );
    return named;
  };
  const findScheduled = async (): Promise<FoundStore | undefined> => {
    const { findScheduledStore } = await import('../session/find-scheduled-store.ts');
    const onLate = (): void =>
      io.warn(
        `the cluster did not tell within 3 s whether a schedule of the namespace names a store: the default one is used`,
      );
    const found = await findScheduledStore(connected, onLate);
    if (found !== undefined) io.say(`Store: ${found.location}, as cronjob/${found.cronJob} uses it.`);
    return found;
  };
  const findDefault = async (): Promise<FoundDefault> => {
    const { defaultStore } = await import('../store/default-store.ts');
    const found = await defaultStore(env);
    // Which one it is depends on where one stands.
    io.say(`Store: ${found.absolute}`);
    return found;
  };
  const open = async (): Promise<Store> => {
    const [{ openStore }, { rememberListing }, { endpointInUse }, { sealingStore }, { stateFolder: locate }] =
      await Promise.all([
        import('../store/open-store.ts'),
        import('../completion/remember-listing.ts'),
        import('../store/s3/s3-access.ts'),
        import('../store/seal/sealing-store.ts'),
        import('../store/state-folder.ts'),
      ]);
    const scheduled = store.by === 'nobody' && options.isOfOneNamespace ? await findScheduled() : undefined;
    const found = store.by === 'nobody' && scheduled === undefined ? await findDefault() : undefined;
    const location = scheduled?.location ?? found?.location ?? store.location;
    const inner = await openStore(location, env.MEMCACHED_BACKUP_STORE, {
      env,
      signal,
      isNamed: store.by === 'flag',
      s3: { ...scheduled?.s3, ...s3, warn: (text) => io.warn(text) },
      git: { ...git, warn: (text) => io.warn(text) },
      pvc,
    });
    rememberListing(inner, env, {
      s3: endpointInUse(env, s3.endpoint, scheduled?.s3.endpoint),
      kubernetes: async () => (await connected()).server,
    });
    const signatures = await openSignatures();
    const secret = async (): Promise<Uint8Array | undefined> => {
      const { contentSecret } = await import('../store/seal/content-secret.ts');
      return contentSecret(signatures, locate(env));
    };
    return sealingStore(inner, await openKeys(), { signatures, contentSecret: secret });
  };
  const stateFolder = async (): Promise<JournalStore | undefined> => {
    const [{ stateFolder: locate }, { FolderStore }, { sealingStore }] = await Promise.all([
      import('../store/state-folder.ts'),
      import('../store/folder/folder-store.ts'),
      import('../store/seal/sealing-store.ts'),
    ]);
    const folder = locate(env);
    if (folder === undefined) return undefined;
    return sealingStore(new FolderStore(folder), await openKeys(), {
      isPrivate: true,
      signatures: await openSignatures(),
    });
  };
  const context: CommandContext = {
    io,
    kube: connected,
    store: () => (opened ??= open()),
    stateFolder,
    keys: openKeys,
    pvc,
    now: () => new Date(),
    signal,
    lastWords,
    ending,
    spelling: spellingOf(env, connection),
    version: VERSION,
  };
  return {
    context,
    close: async () => {
      for (const end of endings) await end().catch((error: Error) => io.warn(error.message));
      close();
    },
  };
}
