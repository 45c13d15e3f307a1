import { tool } from '../advice/command.ts';
import { spellCommand } from '../advice/spell.ts';
import { markdownBlock, markdownCode, markdownText } from '../output/markdown.ts';
import { checklistPart } from './checklist-part.ts';
import { contactsPart } from './contacts-part.ts';
import { objectivesPart } from './objectives-part.ts';
import { overviewPart } from './overview-part.ts';
import type { RunbookFacts, RunbookRelease } from './runbook-facts.ts';
import type { Scenario } from './scenario.ts';
import { scenariosOf } from './scenarios.ts';
import { schedulesPart } from './schedules-part.ts';
import { storesPart } from './stores-part.ts';
import { troubleshootingPart } from './troubleshooting.ts';

/**
 * The team's runbook, as Markdown: what there is, and every command of an incident with the names, the cluster and the store of these
 * releases. RUNBOOK.md of a backup is another thing: how to restore that one by hand, without this tool (backup/runbook.ts).
 */
export function runbookText(facts: RunbookFacts): string {
  const parts = [
    head(facts),
    overviewPart(facts),
    storesPart(facts),
    schedulesPart(facts),
    objectivesPart(facts),
    checklistPart(facts),
    ...facts.releases.map((release) => releasePart(release, facts)),
    troubleshootingPart(facts),
    contactsPart(facts.contacts),
  ];
  return parts.map((part) => `${part.trimEnd()}\n`).join('\n');
}

function head({ now, version, namespace, cluster, how }: RunbookFacts): string {
  const where = namespace === undefined ? '' : ` in ${markdownCode(namespace)}`;
  return `# Runbook: memcached${where}

Written ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC by memcached-backup ${markdownText(version)}, from the cluster at ${markdownCode(cluster.server)}
(Kubernetes ${markdownText(cluster.serverVersion)}). The commands name releases, cluster and store, and can be pasted as they are; those that change
something show what, and ask. Exit code 0: done; 1: failed; 3: something differs or is wrong; 4: cluster or store can’t be reached; 5: incomplete, or not
proved. After changes write this page again:

${markdownBlock([spellCommand(tool('runbook', ...how.again, ...how.store, ...how.key), how.spelling)], 'sh')}`;
}

function releasePart(release: RunbookRelease, facts: RunbookFacts): string {
  const scenarios = scenariosOf(release, facts).map(scenarioPart);
  return `## Release ${markdownCode(release.name)} in namespace ${markdownCode(release.namespace)}

${scenarios.join('\n')}`;
}

function scenarioPart({ title, about, steps }: Scenario): string {
  const lines = steps.flatMap(({ why, command }) => [`# ${why}`, command]);
  return `### ${markdownText(title)}

${about}

${markdownBlock(lines, 'sh')}`;
}
