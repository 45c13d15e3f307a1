import { existsSync, readFileSync } from 'node:fs';
import { describe, type Outcome } from './process.ts';

/** What a pod of a schedule prints is not for whoever follows it: that one was given no context. */
const PRINTS_OTHERS = new Set(['schedule', 'runbook']);

/**
 * The context that every run of the tool is given by flag, so that every command which it advises has to carry it: "" for a
 * run that is not about a cluster, or names its own. @param kubeconfig its file, in which the current context has a name.
 */
export function contextToGive(args: readonly string[], kubeconfig: string | undefined): string {
  const [command = '-'] = args;
  const isOwn = args.some((word) => /^--(?:context|kubeconfig|server|help|version)\b/.test(word));
  if (kubeconfig === undefined || isOwn || command.startsWith('-') || PRINTS_OTHERS.has(command)) return '';
  // A run that is to find no cluster.
  if (!existsSync(kubeconfig)) return '';
  return /"?current-context"?: "?([\w.-]+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '';
}

/** How a command begins where somebody is to paste it: not in the middle of a sentence about Helm. */
const COMMAND =
  /(?<=^|[("`]|: |; |, |\| |or |then )(?:(?:kubectl|helm) memcached-backup|kubectl|helm) (?<next>[\w$'-]+)/gm;
/** Words after "kubectl" and "helm" that make it a command. */
const VERBS =
  /^(?:-n|annotate|api-resources|apply|auth|cluster-info|config|create|delete|describe|edit|get|history|install|label|list|logs|patch|restore|rollback|rollout|scale|set|status|top|undo|uninstall|backup|doctor|permissions|prune|schedule|show|verify)$/;

/**
 * What the run printed, as if no context had been given.
 * @throws Error naming the command that was advised and would be about whatever cluster the shell is on.
 */
export function withoutGivenContext(outcome: Outcome, context: string): Outcome {
  if (context === '') return outcome;
  for (const line of `${outcome.stdout}\n${outcome.stderr}`.split('\n')) {
    // Evidence: a CronJob's own script.
    if (/^ {10}(?!look:|fix:)/.test(line)) continue;
    for (const { groups, index } of line.matchAll(COMMAND))
      if (VERBS.test(groups?.next ?? ''))
        throw new Error(`this lacks --context ${context}: ${line.slice(index)}\n${describe(outcome)}`);
  }
  const without = (text: string): string =>
    text.replaceAll(` --context ${context}`, '').replaceAll(` --kube-context ${context}`, '');
  return { ...outcome, stdout: without(outcome.stdout), stderr: without(outcome.stderr) };
}
