import { tool } from '../advice/command.ts';
import { shellWord } from '../advice/shell-word.ts';
import { spellCommand } from '../advice/spell.ts';
import { markdownCode, markdownText } from '../output/markdown.ts';
import type { CommandWords, RunbookFacts, RunbookRelease } from './runbook-facts.ts';
import { onBackups, onRelease, type Scenario } from './scenario.ts';

/**
 * What the backup guide's procedures become for one release: its three recovery scenarios, the backup, its validation and drill, and
 * what an incident takes besides.
 */
export function scenariosOf(
  release: RunbookRelease,
  { how, store, rto }: Pick<RunbookFacts, 'how' | 'store' | 'rto'>,
): Scenario[] {
  return [
    wrongConfiguration(release, how),
    everythingGone(release, how),
    backToBefore(release, how, store.isRead),
    takeItBack(release, how),
    afterwards(release, how),
    backUpNow(release, how),
    validate(release, how),
    drill(release, how, rto),
    clearUp(release, how),
  ];
}

function wrongConfiguration(release: RunbookRelease, how: CommandWords): Scenario {
  const { name } = release;
  return {
    title: 'Scenario 1: the configuration is wrong',
    about:
      'Memory, connection limit or another setting was changed, and the cache suffers. Goes back to the newest backup. Only pods whose settings differ are restarted; their caches are emptied, and the plan says how many before it asks.',
    steps: [
      {
        why: 'What differs from the newest backup (exit code 3: something does)',
        command: onBackups(['diff', name], release, how),
      },
      {
        why: 'What a restore would change, without changing anything',
        command: onBackups(['restore', name, '--dry-run=server'], release, how),
      },
      {
        why: 'Restore: shows the plan, asks, saves the present state first, proves the result',
        command: onBackups(['restore', name], release, how),
      },
    ],
  };
}

function everythingGone(release: RunbookRelease, how: CommandWords): Scenario {
  const { name } = release;
  return {
    title: 'Scenario 2: the release or its namespace is gone',
    about:
      'Makes the namespace, every object, and Helm’s record of the release. The caches start empty: their applications fill them again.',
    steps: [
      { why: 'Which backups there are; needs no cluster', command: onRelease(['list', name], release, how) },
      {
        why: 'Whether the newest one is whole',
        command: onBackups(['verify', name, '--offline'], release, how),
      },
      { why: 'What would be made', command: onBackups(['restore', name, '--dry-run=server'], release, how) },
      { why: 'Make it', command: onBackups(['restore', name], release, how) },
    ],
  };
}

function backToBefore(release: RunbookRelease, how: CommandWords, isStoreRead: boolean): Scenario {
  const [, older] = release.backups;
  const lacks =
    older === undefined && isStoreRead
      ? ` When this was written there were not yet two backups, between which ${markdownCode('rollback')} could choose.`
      : '';
  return {
    title: 'Scenario 3: back to an earlier configuration',
    about: `The newest backup may have the fault as well. ${markdownCode('rollback')} goes back to the newest one that differs from how the release is now, and shows first which settings change. ${markdownCode('--to')} says which instead: an id as ${markdownCode('list')} shows it, ${markdownCode('previous')}, ${markdownCode('yesterday')}, ${markdownCode('2h')}, a date, or a tag of a store in Git.${lacks}`,
    steps: [
      {
        why: 'Which backups there are, and when they were taken',
        command: onRelease(['list', release.name], release, how),
      },
      {
        why: 'What would change, the settings first',
        command: onBackups(['rollback', release.name, '--dry-run=server'], release, how),
      },
      { why: 'Go back', command: onBackups(['rollback', release.name], release, how) },
    ],
  };
}

function takeItBack(release: RunbookRelease, how: CommandWords): Scenario {
  return {
    title: 'A restore went wrong, or was cut off',
    about:
      'Takes the last restore back to the state before it, which it saved. It shows what it would do, and asks.',
    steps: [{ why: 'Take it back', command: onBackups(['undo', release.name], release, how) }],
  };
}

function afterwards(release: RunbookRelease, how: CommandWords): Scenario {
  return {
    title: 'After a recovery: is it well, and is the cache warm?',
    about: `Until the caches are full again, reads miss and whatever stands behind the cache carries the load. ${markdownCode(`warm ${release.name}`)} fills them, ${markdownCode('--from')} a release, a pod or a snapshot that has the items, or by asking for ${markdownCode('--urls')} that the applications answer from them; ${markdownCode('--until-hit-ratio 0.9')} waits until nine of ten reads hit.`,
    steps: [
      {
        why: 'Pods, drift, and the share of reads that hit, over ten seconds',
        command: onBackups(['status', release.name, '--interval', '10s'], release, how),
      },
      {
        why: 'What is wrong, if anything is (exit code 3: something is)',
        command: onBackups(['doctor', release.name], release, how),
      },
    ],
  };
}

function backUpNow(release: RunbookRelease, how: CommandWords): Scenario {
  const words = sealingWords(release);
  const keys = release.backups[0]?.sealedTo;
  const isUnsealed = keys !== undefined && words.length === 0;
  const about = isUnsealed
    ? ` The newest backup is sealed to ${keys.map(markdownText).join(', ')}: add ${markdownCode('--encrypt-to KEY')} with that public key, or this one is in plain text.`
    : '';
  return {
    title: 'Back up now, before a change',
    about: `Reads the cluster and changes nothing in it.${about}`,
    steps: [
      { why: 'Save it', command: onRelease(['backup', release.name, ...words], release, how) },
      { why: 'Check what was saved', command: onBackups(['verify', release.name], release, how) },
    ],
  };
}

function validate(release: RunbookRelease, how: CommandWords): Scenario {
  return {
    title: 'Is the newest backup good?',
    about:
      'Every byte, what the files hold, whether Helm renders it again, and whether this cluster would take it (exit code 0: all of it; 3: the backup is sound, and this cluster would not take it).',
    steps: [
      { why: 'Check it', command: onBackups(['verify', release.name], release, how) },
      { why: 'What is in it', command: onBackups(['show', release.name], release, how) },
    ],
  };
}

function drill(release: RunbookRelease, how: CommandWords, rto: string): Scenario {
  return {
    title: 'Drill, each quarter: a copy beside the original',
    about:
      'Restores the newest backup into a namespace that it makes, in which it can do no harm, times it, proves it, and removes all of it again. The original is not touched; the report is kept in the store. Exit code 3: it took longer than the target.',
    steps: [
      {
        why: 'Hold it: says what it changes for the drill, and asks',
        command: onBackups(['drill', release.name, '--target', rto], release, how),
      },
      {
        why: 'Where one was killed: remove what it left',
        command: spellCommand(tool('drill', '--clean'), how.spelling),
      },
    ],
  };
}

function clearUp(release: RunbookRelease, how: CommandWords): Scenario {
  const keep = keepWords(release);
  return {
    title: 'Remove old backups',
    about: `By the rules ${markdownCode(keep.map(shellWord).join(' '))}. The newest good ones stay whatever the rules say.`,
    steps: [
      {
        why: 'What would go, and why the others stay',
        command: onRelease(['prune', release.name, ...keep, '--dry-run'], release, how),
      },
      { why: 'Remove it: asks first', command: onRelease(['prune', release.name, ...keep], release, how) },
    ],
  };
}

/** As the schedule seals, so that a backup by hand is no more open than those of the night. */
function sealingWords({ savedBy }: RunbookRelease): string[] {
  const keys = savedBy.flatMap(({ backup }) => backup?.encryptTo ?? []);
  return [...new Set(keys)].flatMap((key) => ['--encrypt-to', key]);
}

/** As the schedule prunes, else the guide's thirty days. */
function keepWords({ savedBy }: RunbookRelease): string[] {
  const keeping = savedBy.find(({ backup }) => (backup?.keep.length ?? 0) > 0)?.backup?.keep ?? [];
  return keeping.length === 0 ? ['--keep-within', '30d'] : keeping.flatMap((rule) => rule.split(' '));
}
