import type { PodProof, Proof } from '../model/plan/proof.ts';
import type { Style } from './io.ts';
import { printableLine } from './printable.ts';
import { settingText } from './setting-text.ts';

/** What was proved, for a person: one line a pod, then what could not be proved. */
export function proofLines(proof: Proof, style: Style): string[] {
  return [
    ...proof.pods.map((pod) => podLine(pod, style)),
    ...changedLiveLines(proof, style),
    ...proof.notes.map((note) => style.yellow(printableLine(`Not proved: ${note}`))),
  ];
}

/** What no restart brings back, once for all pods that lack it. */
function changedLiveLines({ pods }: Proof, style: Style): string[] {
  const lines = pods.flatMap(({ changedLive }) =>
    changedLive.map(
      ({ key, expected, actual }) =>
        `Note: at the backup ${key} was ${settingText(key, expected)}, changed in the running server; new pods have ${settingText(key, actual)}, as their arguments say`,
    ),
  );
  return [...new Set(lines)].map((line) => style.yellow(printableLine(line)));
}

function podLine(pod: PodProof, style: Style): string {
  const name = printableLine(`pod/${pod.pod}`);
  if (pod.settings === 'unknown')
    return style.yellow(`Not proved: ${name}: ${printableLine(pod.why ?? 'it did not answer')}`);
  if (pod.settings === 'differs' || pod.canary === 'failed') {
    const differences = pod.differences.map(
      ({ key, expected, actual }) =>
        `${key} is ${settingText(key, actual)}, the backup says ${settingText(key, expected)}`,
    );
    return style.red(
      printableLine(`${name}: ${[...differences, ...(pod.why === undefined ? [] : [pod.why])].join('; ')}`),
    );
  }
  const canary = pod.canary === 'passed' ? '; a canary key was set, read and deleted' : '';
  return style.green(`Proved: ${name}: stats settings equal the backup's${canary}`);
}
