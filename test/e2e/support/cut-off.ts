import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { BINARY } from './cli.ts';
import type { Outcome } from './process.ts';
import { inGroup } from './process-group.ts';
import { type RecordedRequest, type RecordingProxy, writesAmong } from './recording-proxy.ts';
import type { Fixture } from './release.ts';
import { assertNoSecret } from './secret-scan.ts';
import { newestBackup } from './store-files.ts';

const PARTIAL = /^\.partial-/;
const JOURNAL = /^\.restore-.*\.jsonl$/;

/** Another program and arguments before ours: kubectl or Helm, with our plugin in it. */
export interface Through {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** A run that was cut off, and how far its journal had come when the signal was sent. */
export interface CutOff extends Outcome {
  /** Lines of the journal at that moment; undefined where the program ended before `line`. */
  atLine: number | undefined;
}

export interface CutOffOptions {
  signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM';
  /** The signal is sent as soon as the run's journal has this many lines. */
  line: number;
  through?: Through;
}

/** Runs the tool on a release that has a backup, and sends it a signal at a certain line of its journal. */
export async function cutOff(fixture: Fixture, args: string[], options: CutOffOptions): Promise<CutOff> {
  const folder = dirname(newestBackup(fixture.cli.store).folder);
  const old = new Set(readdirSync(folder));
  const group = start(fixture, args, options.through);
  let atLine: number | undefined;
  const watcher = watch(folder, () => {
    const lines = journalLines(folder, old);
    if (atLine !== undefined || lines < options.line) return;
    atLine = lines;
    group.signal(options.signal);
  });
  try {
    const outcome = await group.ended;
    assertQuiet(outcome, fixture);
    return { ...outcome, atLine };
  } finally {
    watcher.close();
  }
}

/**
 * Runs the tool on a release that has a backup, and sends it a signal as soon as its next backup is begun: a
 * hidden folder with a first file in it.
 */
export async function cutOffWhileSaving(
  fixture: Fixture,
  args: string[],
  signal: CutOffOptions['signal'],
): Promise<Outcome & { begun: string | undefined }> {
  const folder = dirname(newestBackup(fixture.cli.store).folder);
  const old = new Set(readdirSync(folder));
  const group = start(fixture, args);
  let begun: string | undefined;
  const watcher = watch(folder, () => {
    if (begun !== undefined) return;
    begun = readdirSync(folder).find((entry) => PARTIAL.test(entry) && !old.has(entry));
    if (begun !== undefined) group.signal(signal);
  });
  try {
    const outcome = await group.ended;
    assertQuiet(outcome, fixture);
    return { ...outcome, begun };
  } finally {
    watcher.close();
  }
}

/**
 * A moment of a run: its `write`-th request that may change the cluster, or the first of those that `write` tells,
 * renewals of the Lease not counted. One that writes less often, because it meets fewer conflicts, is cut off at
 * its last write, with which it gives the Lease back.
 */
export interface AtWrite {
  signal: CutOffOptions['signal'];
  write: number | ((request: RecordedRequest) => boolean);
  /** Whether the API server has done it when the signal is sent. */
  side: 'before' | 'after';
  through?: Through;
}

/** A run that was cut off at a request. */
export interface CutOffAtWrite extends Outcome {
  /** The request; undefined where the program ended before it. */
  request: RecordedRequest | undefined;
}

/**
 * Runs the tool through the proxy and sends it a signal at a certain write. Whoever is killed before the write
 * never sent it; whoever is killed after it never heard that it was done.
 */
export async function cutOffAtWrite(
  fixture: Fixture,
  proxy: RecordingProxy,
  args: string[],
  { signal, write, side, through }: AtWrite,
): Promise<CutOffAtWrite> {
  let writes = 0;
  let request: RecordedRequest | undefined;
  proxy.fault = (incoming) => {
    if (request !== undefined || !isCounted(incoming)) return undefined;
    writes++;
    const isIt = typeof write === 'number' ? writes === write : write(incoming);
    if (!isIt && !isLast(incoming)) return undefined;
    request = incoming;
    if (side === 'after') return undefined;
    group.signal(signal);
    return signal === 'SIGKILL' ? 'cut' : undefined;
  };
  proxy.losesAnswer = (answered) => {
    if (side === 'before' || answered !== request) return false;
    group.signal(signal);
    return signal === 'SIGKILL';
  };
  const throughProxy = { ...fixture.cli.env, ...through?.env, KUBECONFIG: proxy.kubeconfig };
  const group = start(fixture, args, {
    program: through?.program ?? BINARY,
    args: through?.args ?? [],
    env: throughProxy,
  });
  try {
    const outcome = await group.ended;
    assertQuiet(outcome, fixture);
    return { ...outcome, request };
  } finally {
    proxy.fault = undefined;
    proxy.losesAnswer = undefined;
  }
}

/** The writes among `requests` that {@link cutOffAtWrite} counts: renewals of the Lease not. */
export function countedWrites(requests: RecordedRequest[]): RecordedRequest[] {
  return requests.filter(isCounted);
}

/** How often a Lease is renewed depends on how fast everything is. */
function isCounted(request: RecordedRequest): boolean {
  const isRenewal = request.method === 'PUT' && request.path.includes('/leases/');
  return !isRenewal && writesAmong([request]).length === 1;
}

function isLast({ method, path }: RecordedRequest): boolean {
  return method === 'DELETE' && path.includes('/leases/');
}

function start({ cli, namespace }: Fixture, args: string[], through?: Through) {
  const { program, args: before, env } = through ?? { program: BINARY, args: [], env: cli.env };
  return inGroup(program, [...before, ...args, '-n', namespace], env);
}

function assertQuiet({ command, stdout, stderr }: Outcome, { secrets }: Fixture): void {
  assertNoSecret(`\`${command}\``, `${stdout}\n${stderr}`, secrets);
}

/** Lines of the journal that was begun since `old` was listed. */
function journalLines(folder: string, old: Set<string>): number {
  const name = readdirSync(folder).find((entry) => JOURNAL.test(entry) && !old.has(entry));
  const path = join(folder, name ?? '');
  return name === undefined || !existsSync(path) ? 0 : readFileSync(path, 'utf8').split('\n').length - 1;
}
