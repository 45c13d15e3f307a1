import type { DrillChange, DrillPhaseName, DrillReport } from '../model/records/drill-report.ts';
import { drillInWords } from '../model/records/drill-verdict.ts';
import type { Style } from './io.ts';
import { markdownCode, markdownTable, markdownText } from './markdown.ts';
import { printableLine } from './printable.ts';

/** What is timed, in words. */
const PHASES: Record<DrillPhaseName, string> = {
  read: 'choose and read the backup',
  plan: 'plan, tried by the server',
  namespace: 'make the namespace',
  apply: 'write the objects',
  images: 'pull the images',
  ready: 'wait for the pods',
  proof: 'prove it from the pods',
  removal: 'remove all of it',
};

const OUTCOMES: Record<DrillReport['outcome'], string> = {
  passed: 'passed',
  failed: 'failed',
  'cut-off': 'cut off',
};

/** The report of a drill for a person, line by line. */
export function drillLines(report: DrillReport, earlier: readonly DrillReport[], style: Style): string[] {
  const { phases, changed, onTop, unproved } = report;
  const width = Math.max(0, ...phases.map(({ name }) => PHASES[name].length));
  return [
    verdictLine(report, style),
    ...phases.map(({ name, seconds }) =>
      style.dim(`  ${PHASES[name].padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s`),
    ),
    `  ${proofText(report)}.`,
    ...unproved.map((each) => style.yellow(printableLine(`  Not proved: ${each}`))),
    ...(changed.length === 0 ? [] : ['  Changed for the drill:']),
    ...grouped(changed).map((line) => printableLine(`    ${line}`)),
    '  A real recovery would also:',
    ...onTop.map((each) => printableLine(`    ${each}`)),
    ...(earlier.length === 0 ? [] : ['  The drills before it:']),
    ...earlier.map((each) => style.dim(printableLine(`    ${each.at.slice(0, 10)}: ${drillInWords(each)}`))),
  ];
}

function verdictLine(report: DrillReport, style: Style): string {
  const { release, backup, into, seconds, outcome, met, targetSeconds } = report;
  const target =
    targetSeconds === undefined ? '' : ` (target ${spanText(targetSeconds)}: ${met ? 'met' : 'missed'})`;
  const text = `Drill of ${release}@${backup} in namespace ${into}: ${OUTCOMES[report.outcome]} after ${seconds.toFixed(1)} s${target}`;
  const paint = outcome !== 'passed' ? style.red : met === false ? style.yellow : style.green;
  return paint(printableLine(text));
}

function proofText({ pods, settings, imagesPresent }: DrillReport): string {
  const missing = pods.inBackup > pods.of ? ` (${pods.inBackup} in the backup)` : '';
  const compared =
    settings === 0
      ? ''
      : `; ${settings} settings equal the backup's, and a canary key was set, read and deleted`;
  const images =
    imagesPresent === undefined
      ? ''
      : imagesPresent
        ? '; the images lay on the nodes already'
        : '; images were pulled';
  return `Proved: ${pods.proved} of ${pods.of} pods${missing}${compared}${images}`;
}

/** What is changed of one object in one line; what is left out for the same reason in one, too. */
function grouped(changed: readonly DrillChange[]): string[] {
  const made = Map.groupBy(
    changed.filter(({ left }) => left !== true),
    ({ what }) => what,
  );
  const left = Map.groupBy(
    changed.filter((change) => change.left === true),
    ({ change }) => change,
  );
  return [
    ...[...made].map(([what, changes]) => `${what}: ${changes.map(({ change }) => change).join(', ')}`),
    ...[...left].map(([why, changes]) => `${changes.map(({ what }) => what).join(', ')}: ${why}`),
  ];
}

/** The same as Markdown, for a page or a ticket. */
export function drillMarkdown(report: DrillReport, earlier: readonly DrillReport[]): string {
  const {
    release,
    namespace,
    cluster,
    backup,
    into,
    at,
    phases,
    seconds,
    failure,
    unproved,
    changed,
    onTop,
  } = report;
  const { outcome, targetSeconds, met, removed, madeNamespace, tool } = report;
  const target =
    targetSeconds === undefined ? [] : [['Target', `${spanText(targetSeconds)}, ${met ? 'met' : 'missed'}`]];
  const facts = [
    ['Outcome', OUTCOMES[report.outcome]],
    ...(failure === undefined ? [] : [['Why', markdownText(failure)]]),
    [outcome === 'passed' ? 'Recovery took' : 'Ended after', `${seconds.toFixed(1)} s`],
    ...target,
    ['Release', markdownCode(release)],
    ['Namespace', markdownCode(namespace)],
    ['Cluster', markdownCode(cluster)],
    ['Backup', markdownCode(backup)],
    ['When', markdownText(at)],
    ['Held in', `${markdownCode(into)}${madeNamespace ? ', made for it' : ''}`],
    ['Removed', removed ? 'all of it' : 'not all of it'],
    ['Tool', markdownText(`memcached-backup ${tool}`)],
  ];
  const list = (items: readonly string[]): string =>
    items.map((item) => `- ${markdownText(item)}\n`).join('');
  return [
    `# Drill of ${markdownText(release)}\n\n`,
    markdownTable(['', ''], facts),
    '\n## Phases\n\n',
    markdownTable(
      ['Phase', 'Seconds'],
      phases.map(({ name, seconds: spent }) => [PHASES[name], spent.toFixed(1)]),
    ),
    `\n## Proof\n\n${markdownText(proofText(report))}.\n`,
    ...(unproved.length === 0 ? [] : [`\nNot proved:\n\n${list(unproved)}`]),
    ...(changed.length === 0 ? [] : [`\n## Changed for the drill\n\n${list(grouped(changed))}`]),
    `\n## What a real recovery would do on top\n\n${list(onTop)}`,
    ...(earlier.length === 0
      ? []
      : [
          `\n## The drills before it\n\n${list(earlier.map((each) => `${each.at.slice(0, 10)}: ${drillInWords(each)}`))}`,
        ]),
  ].join('');
}

/** "15m", "1h30m", "45s": a target as people give it. */
export function spanText(seconds: number): string {
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const rest = Number((s + seconds - whole).toFixed(3));
  const parts = [h > 0 ? `${h}h` : '', m > 0 ? `${m}m` : '', rest > 0 ? `${rest}s` : ''];
  return parts.join('') || '0s';
}
